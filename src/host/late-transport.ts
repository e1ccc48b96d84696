/** A way to a machine that is found when it is first used. */
import {TransferFailed} from './failures.ts';
import type {Transport} from './transport.ts';

/** Calls `find` once, before the first use; when it fails, the next use tries again. */
export function lateTransport(name: string, find: () => Promise<Transport>): Transport {
  let found: Promise<Transport> | undefined;
  const transport = (): Promise<Transport> => {
    found ??= find().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    name,
    open: async (commandLine, options) => (await transport()).open(commandLine, options),
    sftp: async () => {
      const {name: way, sftp} = await transport();
      if (!sftp) throw new TransferFailed(`${way} has no file service`);
      return sftp();
    },
    close: async () => {
      const opened = await found?.catch(() => undefined);
      await opened?.close();
    },
  };
}
