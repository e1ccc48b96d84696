/** Functions of a process that a test has started, called from the test through the channel between the two. */
import type {ChildProcess} from 'node:child_process';

type Functions = Readonly<Record<string, (...words: never[]) => Promise<unknown>>>;

/** Calls one of them. Rejects with its error, or when the process ends first. */
export type Caller<Calls extends Functions> = <M extends keyof Calls>(
  method: M,
  ...words: Parameters<Calls[M]>
) => Promise<Awaited<ReturnType<Calls[M]>>>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly words: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What the process says first. */
const READY = 0;

/** In the process: does what it is asked for from now on, and ends with the test. */
export function answerCalls(calls: Functions): void {
  process.on('message', async ({id, method, words}: Call) => {
    const call = calls[method] as (...words: readonly unknown[]) => Promise<unknown>;
    const answer = await call(...words).then(
      (value): Answer => ({id, value}),
      (error: unknown): Answer => ({id, error: String(error)}),
    );
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({id: READY} satisfies Answer);
}

/** In the test: waits until the process answers. Rejects when it ends before that. */
export async function callerOf<Calls extends Functions>(child: ChildProcess): Promise<Caller<Calls>> {
  const waiting = new Map<number, (answer: Answer) => void>();
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  child.once('exit', () => {
    for (const [id, answer] of waiting) answer({id, error: 'the process has ended'});
  });
  const answerTo = async (id: number, call?: Omit<Call, 'id'>): Promise<unknown> => {
    const {value, error} = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      if (!call) return;
      child.send({id, ...call} satisfies Call, (problem) => {
        if (problem) resolve({id, error: problem.message});
      });
    });
    waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return value;
  };
  await answerTo(READY);
  let last = READY;
  return async (method, ...words) => {
    last += 1;
    return (await answerTo(last, {method: String(method), words})) as never;
  };
}
