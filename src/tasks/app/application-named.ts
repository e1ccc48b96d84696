/** An application by its name, as an option of tasks. */
import {homedir} from 'node:os';
import {join} from 'node:path';
import {z} from 'zod';
import type {Application} from '../../app/application.ts';
import {configuredApplication} from '../../app/configured.ts';
import {readPasswordFile} from '../../config/password-file.ts';
import type {Context} from '../../context/context.ts';

/** A part of a task's options. */
export const appOption = {
  app: z.string().min(1).describe('Its name under apps: in ftask.yaml.').meta({placeholder: 'NAME'}),
};

/** The application that the configuration describes. @throws UsageError */
export function applicationNamed({config}: Context, name: string): Promise<Application> {
  const passwordIn = (file: string) => readPasswordFile(file, `apps.${name}: password_file`);
  return configuredApplication(config.apps, name, {localPath, passwordIn});
}

/** A local path of the configuration: `~/` is the home of who runs ftask. */
export function localPath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
