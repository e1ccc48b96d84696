/** Arbitrary file names and paths as Linux has them: any bytes but NUL and the slash, one character a byte. */
import fc from 'fast-check';

const name = fc
  .uint8Array({minLength: 1, maxLength: 12})
  .map((bytes) =>
    Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x20 : byte))).toString('latin1'),
  )
  .filter((text) => text !== '.' && text !== '..');

/** From the folder of a snapshot. */
export const paths = fc.array(name, {minLength: 1, maxLength: 3}).map((names) => names.join('/'));
