/** Tags: AWS's rules, and how those of several sources become one set. */
import type {Tag} from '@aws-sdk/client-ec2';

export type Tags = Readonly<Record<string, string>>;

/** Tags a resource may carry, `aws:` ones not counted. Source: "Tag your Amazon EC2 resources". */
export const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** What AWS would refuse in these tags, a line each; none when they are fine. Lengths count Unicode characters. */
export function checkTags(tags: Tags, room = MAX_TAGS): string[] {
  const problems = Object.entries(tags).flatMap(([key, value]) => checkTag(key, value));
  const count = Object.keys(tags).length;
  return count > room ? [`${count} tags are more than the ${room} there is room for`, ...problems] : problems;
}

/** A record of the tags that EC2 lists. */
export function tagsOf(list: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((list ?? []).map(({Key, Value}) => [Key ?? '', Value ?? '']));
}

/** The list that EC2 wants. */
export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({Key, Value}));
}

/** Tags that may be given to something else: without AWS's own, which nobody else may set, and without empty ones. */
export function inheritable(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key, value]) => !isReserved(key) && value !== ''));
}

/** Keys that only AWS itself may set. */
export function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}

function checkTag(key: string, value: string): string[] {
  if (key === '') return ['a tag without a key'];
  if (isReserved(key)) return [`tag "${key}": keys that begin with aws: are AWS's own`];
  if ([...key].length > MAX_KEY_LENGTH)
    return [`tag "${key.slice(0, 20)}...": the key is over 128 characters`];
  if ([...value].length > MAX_VALUE_LENGTH) {
    return [`tag "${key}": the value has ${[...value].length} characters, at most 256 are allowed`];
  }
  return [];
}
