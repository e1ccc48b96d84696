/** A task file as JavaScript: TypeScript taken away, local imports put in, packages left where they are. */
import {readFileSync} from 'node:fs';
import {dirname, extname, join, relative} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {BuildFailure, Loader, Location, Message, OnResolveArgs, OnResolveResult, Plugin} from 'esbuild';
import {codeFrame} from './frame.ts';
import {TaskFileError} from './task-file-error.ts';

export interface Bundle {
  readonly code: string;
  /** The files it is made of: their content decides whether it is still the same. */
  readonly inputs: readonly string[];
}

export interface BundleOptions {
  /** Modules that are the same instance as the running ftask's, as URLs. */
  readonly modules: Readonly<Record<string, string>>;
  /** Where packages are looked for that the task file's own folder lacks: ftask brings zod. */
  readonly root: string;
  readonly cwd: string;
}

/** Bundles a task file. @throws TaskFileError at its first syntax error or import that is not there */
export async function bundleTaskFile(path: string, {modules, root, cwd}: BundleOptions): Promise<Bundle> {
  const esbuild = await import('esbuild');
  const packages = new Set<string>();
  try {
    const {outputFiles, metafile} = await esbuild.build({
      entryPoints: [path],
      absWorkingDir: dirname(path),
      bundle: true,
      write: false,
      metafile: true,
      outfile: `${path}.mjs`,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: [],
      mainFields: ['main'],
      sourcemap: 'inline',
      sourceRoot: pathToFileURL(`${dirname(path)}/`).href,
      sourcesContent: false,
      keepNames: true,
      logLevel: 'silent',
      banner: {js: requireBanner(path)},
      define: {
        'import.meta.url': URL_NAME,
        'import.meta.filename': FILE_NAME,
        'import.meta.dirname': DIR_NAME,
      },
      plugins: [packagePlugin(modules, root, packages), ownPlacePlugin()],
    });
    const local = Object.keys(metafile.inputs).filter((input) => !input.startsWith(REQUIRED));
    const inputs = [...local.map((input) => join(dirname(path), input)), ...packages];
    return {code: outputFiles[0]?.text ?? '', inputs};
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    throw first ? failure(path, cwd, first) : error;
  }
}

const URL_NAME = '__ftask_url';
const FILE_NAME = '__ftask_file';
const DIR_NAME = '__ftask_dir';
const REQUIRED = 'ftask-required:';
const OWN_PLACE = /^(?:var __(?:ftask_[a-z]+|filename|dirname) = "(?:[^"\\]|\\.)*";)+/;

function requireBanner(path: string): string {
  const from = JSON.stringify(pathToFileURL(path).href);
  return `import {createRequire as __ftask_require} from 'node:module';const require = __ftask_require(${from});`;
}

/** Gives each file its own `import.meta.url` (and `__dirname`), on the first line so that lines stay. */
function ownPlacePlugin(): Plugin {
  return {
    name: 'own-place',
    setup: (build) => {
      build.onLoad({filter: /\.[cm]?[jt]sx?$/, namespace: 'file'}, ({path}) => {
        const source = readSource(path);
        const names = [
          [URL_NAME, pathToFileURL(path).href],
          [FILE_NAME, path],
          [DIR_NAME, dirname(path)],
          ...(isCommonJs(path, source)
            ? [
                ['__filename', path],
                ['__dirname', dirname(path)],
              ]
            : []),
        ];
        const used = names.filter(([name = '']) => source.includes(name) || source.includes('import.meta'));
        const place = used.map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`).join('');
        return {contents: place + source, loader: extname(path).replace(/^\.[cm]?/, '') as Loader};
      });
    },
  };
}

/** An error's message only: esbuild would show its own code as the place. */
function readSource(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^#!.*/, '');
  } catch (cause) {
    throw new TaskFileError(`cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function isCommonJs(path: string, source: string): boolean {
  return /^\.c[jt]s$/.test(extname(path)) || /\b__(file|dir)name\b/.test(source);
}

/** Packages are not bundled: they are imported from where they are installed. */
function packagePlugin(modules: Readonly<Record<string, string>>, root: string, seen: Set<string>): Plugin {
  return {
    name: 'packages',
    setup: (build) => {
      build.onResolve({filter: /^[^./]/}, async (args) => {
        if (args.pluginData === REQUIRED || args.kind === 'entry-point') return undefined;
        if (args.path.startsWith('file:')) return {path: args.path, external: true};
        const own = modules[args.path];
        if (own) return sharedModule(own, args);
        const {path, kind, importer, resolveDir} = args;
        const options = {kind, importer, resolveDir, pluginData: REQUIRED};
        const found = await build.resolve(path, options);
        const resolved =
          found.errors.length > 0 ? await build.resolve(path, {...options, resolveDir: root}) : found;
        if (resolved.errors.length > 0) return found;
        if (resolved.external || !/[/\\]node_modules[/\\].*\.[cm]?js$/.test(resolved.path)) return resolved;
        addPackage(resolved.path, seen);
        const external = kind === 'require-call' ? resolved.path : pathToFileURL(resolved.path).href;
        return {path: external, external: true};
      });
      build.onLoad({filter: /.*/, namespace: REQUIRED.slice(0, -1)}, ({path}) => ({
        contents: `export * from ${JSON.stringify(path)}`,
        loader: 'js',
      }));
    },
  };
}

/** `require('ftask')` cannot load an ES module on Node 20; a bundled module that re-exports it can be. */
function sharedModule(url: string, {kind}: OnResolveArgs): OnResolveResult {
  return kind === 'require-call'
    ? {path: url, namespace: REQUIRED.slice(0, -1)}
    : {path: url, external: true};
}

/** A package changes with its manifest. */
function addPackage(path: string, seen: Set<string>): void {
  const inside = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)/.exec(path)?.[1];
  if (inside) seen.add(join(inside, 'package.json'));
}

function failure(path: string, cwd: string, {text, location, detail}: Message): TaskFileError {
  if (detail instanceof TaskFileError) return detail;
  if (!location) return new TaskFileError(`${path}: ${text}`);
  const file = join(dirname(path), location.file);
  const place = {file, line: location.line, column: location.column + 1 - put(location)};
  const shown = relative(cwd, file);
  return new TaskFileError(`${shown}:${place.line}:${place.column}: ${text}`, {frame: codeFrame(place)});
}

/** How many characters `ownPlacePlugin` has put before the text of a line. */
function put({line, lineText}: Location): number {
  return line === 1 ? (OWN_PLACE.exec(lineText)?.[0].length ?? 0) : 0;
}
