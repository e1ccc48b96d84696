/** Whether the application of a site is well, asked for where it runs. */
import {setTimeout as delay} from 'node:timers/promises';
import type {TestHost} from '../host/host.ts';

const STATUS = `
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=5).status)
except urllib.error.HTTPError as error:
    print(error.code)
except OSError:
    print(0)
`;

/** The HTTP status that it answers with; 0 when it does not. */
export async function healthOf(host: TestHost, url: string): Promise<number> {
  return Number(await host.sh(`python3 - '${url}'`, {input: STATUS}));
}

/** Waits until it is well. @throws when it does not become so */
export async function becomeWell(host: TestHost, url: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await healthOf(host, url)) === 200) return;
    await delay(100);
  }
  throw new Error(`the application of ${host.name} does not become well`);
}
