/** Paths as text. A path is bytes: in memory one character a byte (latin1), in files printable ASCII alone. */

/** Every byte outside of printable ASCII, and the percent sign itself, as `%` and two hexadecimal digits. */
export function escapePath(bytes: string): string {
  return bytes.replaceAll(/[^\x21-\x24\x26-\x7e ]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/** Takes `escapePath` back. */
export function unescapePath(text: string): string {
  return text.replaceAll(/%([\dA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Text of ours, such as a path from the configuration, as bytes. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text that these bytes are; undefined when they are none. */
export function textOf(bytes: string): string | undefined {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return bytesOf(text) === bytes ? text : undefined;
}
