/** The bytes of the SSH connection protocol (RFC 4251, 5) as they go over a control socket of ssh: without encryption. */

/** Message numbers (RFC 4250, 4.1.2). */
export const MESSAGE = {
  channelOpen: 90,
  openConfirmation: 91,
  openFailure: 92,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

/** A number is a uint32, a text or Buffer a string with its length, a boolean one byte. */
export type Field = number | string | Buffer | boolean;

/** The fields one after the other. */
export function encode(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (typeof field === 'boolean') return Buffer.from([field ? 1 : 0]);
      if (typeof field === 'number') return uint32(field);
      const bytes = Buffer.from(field as string);
      return Buffer.concat([uint32(bytes.length), bytes]);
    }),
  );
}

/** A packet for the control socket: its length, no padding, the number of the message, its fields. */
export function packet(message: number, ...fields: readonly Field[]): Buffer {
  const body = encode(...fields);
  return Buffer.concat([uint32(body.length + 2), Buffer.from([0, message]), body]);
}

/** Reads the fields of a packet in their order. Throws RangeError when it is too short. */
export class Fields {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  flag(): boolean {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1) !== 0;
  }

  bytes(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#bytes.length) throw new RangeError('a string is longer than its packet');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}

/** Cuts what arrives into the messages that were sent, each without its length. */
export class Cutter {
  #parts: Buffer[] = [];
  #size = 0;

  /** The messages that are complete with these bytes. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    for (let length = this.#next(); length !== undefined && this.#size >= length + 4; length = this.#next()) {
      const all = this.#joined();
      this.#parts = [all.subarray(length + 4)];
      this.#size -= length + 4;
      yield all.subarray(4, length + 4);
    }
  }

  #next(): number | undefined {
    if (this.#size < 4) return undefined;
    if ((this.#parts[0] as Buffer).length < 4) this.#joined();
    return (this.#parts[0] as Buffer).readUInt32BE(0);
  }

  #joined(): Buffer {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] as Buffer;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
