/** What an action returned becomes the XML of an EC2 answer. */
import type {Operation, Shape} from './schema.ts';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** The body of a successful answer. An action that returns nothing is answered with `<return>true</return>`. */
export function encodeOutput({action, output}: Operation, value: object, requestId: string): string {
  const content = output.byName.size === 0 ? '<return>true</return>' : encode(output, value);
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${NAMESPACE}">` +
    `<requestId>${requestId}</requestId>${content}</${action}Response>`
  );
}

/** Text made safe inside an XML element; characters that XML 1.0 cannot hold are dropped. */
export function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EACH_SPECIAL, (character) => ESCAPES[character] ?? '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML 1.0 forbids
const SPECIAL = /[&<>"\r\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const EACH_SPECIAL = new RegExp(SPECIAL, 'g');
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

function encode(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'structure': {
      let xml = '';
      const struct = value as Record<string, unknown>;
      for (const name in struct) {
        const member = struct[name];
        const field = member === undefined ? undefined : shape.byName.get(name);
        if (field) xml += `<${field.xmlName}>${encode(field.shape, member)}</${field.xmlName}>`;
      }
      return xml;
    }
    case 'list': {
      let xml = '';
      for (const item of value as Iterable<unknown>) {
        xml += `<${shape.xmlName}>${encode(shape.item, item)}</${shape.xmlName}>`;
      }
      return xml;
    }
    case 'timestamp':
      return (value as Date).toISOString();
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('base64');
    default:
      return escapeText(String(value));
  }
}
