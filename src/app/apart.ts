/** Folders of an application and that of its backups, which must not lie in one another: a restore would remove the backups. */
import {sh} from '../host/command.ts';
import type {Application, Tree} from './application.ts';

/** Shell that prints a line for each folder that lies in that of the backups, or has it in it. */
export function tellNested({root}: Pick<Application, 'root'>, trees: readonly Tree[]): string {
  const lines = trees.map(({name, path}) => `apart ${sh`${name} ${path}`.text}`);
  return [sh`root=${root}`.text + APART, ...lines].join('\n');
}

const APART = `
real=$(readlink -m -- "$root")
apart() {
  tree=$(readlink -m -- "$2")
  case $real/ in "\${tree%/}"/*) ;; *) case $tree/ in "$real"/*) ;; *) return ;; esac ;; esac
  echo "$1: $2 and $root, where backups are, lie in one another"
}`;
