/** Changes a file of a snapshot so that its lists and digests still agree: only what the file says tells that it is wrong. */
import type {TestHost} from '../host/host.ts';

/** Replaces a text by another of the same length in a file of the snapshot's folder on a host. */
export async function forge(
  host: TestHost,
  {snapshot, path, from, to}: {snapshot: string; path: string; from: string; to: string},
): Promise<void> {
  await host.sh(`cd ${snapshot}; python3 - '${path}' '${from}' '${to}'`, {input: FORGE});
}

const FORGE = `
import hashlib, json, sys
path, old, new = sys.argv[1:]
text = open(path, 'rb').read()
assert old.encode() in text and len(old) == len(new), text.decode(errors='replace')
text = text.replace(old.encode(), new.encode())
open(path, 'wb').write(text)
lines = [json.loads(line) for line in open('contents.jsonl', encoding='ascii')]
for line in lines:
    if line['path'] == path:
        line['size'], line['sha256'] = len(text), hashlib.sha256(text).hexdigest()
with open('contents.jsonl', 'w') as out:
    for line in lines:
        out.write(json.dumps(line, separators=(',', ':')) + '\\n')
digests = dict(line.rstrip('\\n').split('  ', 1)[::-1] for line in open('manifest.sha256', encoding='latin-1', newline='\\n'))
for name in (path, 'contents.jsonl'):
    digests['./' + name] = hashlib.sha256(open(name, 'rb').read()).hexdigest()
with open('manifest.sha256', 'w', encoding='latin-1', newline='\\n') as out:
    for name in digests:
        out.write(f'{digests[name]}  {name}\\n')
`;
