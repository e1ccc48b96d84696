/** Joining a lab that is served elsewhere. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import {joinLab, startLab} from '../../src/lab/lab.ts';
import {FLEET} from './lab-client.ts';

/** A server that answers everything with this text, or nothing at all without one. */
async function strangerAt(t: TestContext, text?: string): Promise<string> {
  const server = createServer((_request, response) => void (text !== undefined && response.end(text)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('joining a lab', () => {
  test('takes its address with a slash at the end, too', async (t) => {
    const lab = await startLab({fleet: FLEET});
    t.after(() => lab.close());
    const joined = await joinLab(`${lab.url}/`);
    assert.equal(joined.clock.speed, lab.clock.speed);
  });

  test('is refused by what is no lab', async (t) => {
    await assert.rejects(joinLab(await strangerAt(t, '{}')), {code: 'LabUnreachable'});
  });

  test('ends with the patience of the operator when nothing is answered', async (t) => {
    const url = await strangerAt(t);
    const enough = new AbortController();
    const joining = joinLab(url, enough.signal);
    enough.abort();
    await assert.rejects(joining, {name: 'AbortError'});
  });
});
