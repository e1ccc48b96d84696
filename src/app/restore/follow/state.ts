/** What the state file of a restore says. Pure. */

/** What the file begins with: which restore it is. */
export interface About {
  readonly application: string;
  readonly snapshot: string;
  /** Who began it. */
  readonly owner: string;
}

export interface Report {
  readonly about?: About;
  /** Whether the script ran at all. */
  readonly hasBegun: boolean;
  /** How it ended; undefined while it runs, and when it was cut off. */
  readonly end?: 'restored' | 'back' | 'stuck';
  /** What it did last before it ended or went back: `load`, `look`, `stop`, `keep`, `swap`, `files`, `after`, `start`, `health`. */
  readonly phase: string;
  /** Why it failed. */
  readonly why: readonly string[];
  /** It was told to end. */
  readonly isCancelled: boolean;
  /** Something was changed before it failed. */
  readonly hasChanged: boolean;
  /** What could not be taken back, or removed. */
  readonly stuck: readonly string[];
  /** Which services did not run before, by their place among all. */
  readonly idle: readonly number[];
  /** Whether the application was well before, and after all was taken back; undefined when nobody looked. */
  readonly wasWell: boolean;
  readonly isWell?: boolean;
  /** Why it is not. */
  readonly unwell: readonly string[];
}

/** Reads its lines. Of a restore that was recovered, what the last attempt said counts. */
export function reportOf(lines: readonly string[]): Report {
  const own = lines.slice(lines.lastIndexOf('recover') + 1);
  const said = (word: string, of = lines) =>
    of.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const phases = said('phase');
  const [phase = ''] = phases.filter((one) => one !== 'back').slice(-1);
  const firstBack = lines.indexOf('phase back');
  const before = firstBack < 0 ? lines : lines.slice(0, firstBack);
  const end = ENDS.find((one) => said('end', own).at(-1) === one);
  const about = aboutOf(said('about')[0]);
  const isWell = own.includes('well') ? true : own.includes('unwell') ? false : undefined;
  return {
    ...(about && {about}),
    hasBegun: said('process').length > 0,
    ...(end && {end}),
    phase: phase.replace(/ .*/, ''),
    why: said('why', before),
    isCancelled: lines.includes('cancelled'),
    hasChanged: lines.includes('phase stop'),
    stuck: said('stuck', own),
    idle: said('was').flatMap((text) => (/^\d+ inactive$/.test(text) ? [Number.parseInt(text, 10)] : [])),
    wasWell: lines.includes('was well'),
    ...(isWell !== undefined && {isWell}),
    unwell: said('why', own.slice(own.lastIndexOf('phase back') + 1)),
  };
}

const ENDS = ['restored', 'back', 'stuck'] as const;

/** The line that a state file begins with. */
export function aboutLine(about: About): string {
  return `about ${JSON.stringify(about)}\n`;
}

function aboutOf(text: string | undefined): About | undefined {
  try {
    const {application, snapshot, owner} = JSON.parse(text ?? '') as Record<string, unknown>;
    return {application: String(application), snapshot: String(snapshot), owner: String(owner)};
  } catch {
    return undefined;
  }
}
