/** A TCP relay that holds every byte back for a while: a link with a delay, where the kernel has no netem. */
import {connect, createServer, type Socket} from 'node:net';

export interface SlowLink {
  readonly port: number;
  close(): void;
}

/** Relays a free port of 127.0.0.1 to `port`; a round trip takes `roundTripMs` more. */
export async function openSlowLink(port: number, roundTripMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer({noDelay: true}, (near) => {
    const far = connect({port, host: '127.0.0.1', noDelay: true});
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    }
    relay(near, far, roundTripMs / 2);
    relay(far, near, roundTripMs / 2);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function relay(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delayMs));
  from.once('close', () => setTimeout(() => to.destroy(), delayMs));
}
