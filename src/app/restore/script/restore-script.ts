/** The script of a restore: all that it needs to know, and all that it can do. It outlives the connection. */
import {sh} from '../../../host/command.ts';
import type {Application} from '../../application.ts';
import type {Places} from '../places.ts';
import {COURSE} from './course.ts';
import {DATABASES, type DatabaseWords, databaseText} from './databases.ts';
import {FILES, type FileWords, fileText, type TreeWords, treeText} from './files.ts';
import {healthText, SERVICES, serviceText} from './services.ts';
import {SHARED} from './shared.ts';

export interface ScriptWords {
  readonly places: Places;
  readonly application: Pick<Application, 'services' | 'health' | 'afterRestore'>;
  readonly databases: readonly DatabaseWords[];
  readonly trees: readonly TreeWords[];
  readonly files: readonly FileWords[];
}

/** For `sh FILE run`, and `sh FILE recover` when that was cut off, with the passwords in base64 as its only line of input. */
export function restoreScript({places, application, databases, trees, files}: ScriptWords): string {
  const hasRules = files.some(({target}) => target.startsWith('/etc/sudoers')) ? 'yes' : '';
  const parts = [
    sh`here=${places.folder} databases=${databases.length} trees=${trees.length} files=${files.length}`.text,
    sh`has_rules=${hasRules}`.text,
    healthText(application),
    SHARED,
    DATABASES,
    ...databases.map((words, at) => databaseText(at, words)),
    FILES,
    ...trees.map((words, at) => treeText(at, words)),
    ...files.map((words, at) => fileText(at, words)),
    SERVICES,
    ...application.services.map((service, at) => serviceText(at, service)),
    afterText(application.afterRestore),
    COURSE,
  ];
  return `${parts.join('\n')}\n`;
}

function afterText(commands: readonly string[]): string {
  const lines = commands.map((command) => sh`sh -ec ${command} &&`.text);
  return ['after_restore() { (', 'exec 9>&-; unset LC_ALL', ...lines, 'true', '); }'].join('\n');
}
