/** What AWS allows as tags. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
import type {Tag, TagSpecification} from '@aws-sdk/client-ec2';
import type {Tags} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/** The tags that a creating call gives to resources of one type. @throws ApiError */
export function tagsFor(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
  allowed: readonly string[] = [type],
): Tags {
  const tags: Tag[] = [];
  for (const {ResourceType: resourceType, Tags: given = []} of specifications ?? []) {
    if (!resourceType)
      throw new ApiError('MissingParameter', 'The tag specification must contain a ResourceType');
    if (!allowed.includes(resourceType)) {
      throw new ApiError(
        'InvalidParameterValue',
        `'${resourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (given.length === 0)
      throw new ApiError('InvalidParameterValue', 'Tag specification must have at least one tag');
    if (resourceType === type) tags.push(...given);
  }
  return withTags({}, tagsFrom(tags));
}

/** Tags as a record. @throws ApiError for a key or value that AWS does not take, or a key given twice */
export function tagsFrom(list: readonly Tag[]): Tags {
  const tags: Record<string, string> = {};
  for (const {Key: key = '', Value: value = ''} of list) {
    checkTag(key, value);
    if (Object.hasOwn(tags, key)) throw duplicate(key);
    tags[key] = value;
  }
  return tags;
}

/** Adds tags to those a resource has. @throws ApiError TagLimitExceeded */
export function withTags(old: Tags, added: Tags): Tags {
  const tags = {...old, ...added};
  const count = Object.keys(tags).filter((key) => !key.startsWith('aws:')).length;
  if (count <= MAX_TAGS) return tags;
  throw new ApiError(
    'TagLimitExceeded',
    `The maximum number of tags for a resource is ${MAX_TAGS}; this would be ${count}.`,
  );
}

/** Tags of the source and of the request, of which none may be in both: the strictest reading of AWS. */
export function joinedTags(source: Tags, requested: Tags): Tags {
  const copied = Object.fromEntries(Object.entries(source).filter(([key]) => !key.startsWith('aws:')));
  for (const key of Object.keys(requested)) if (Object.hasOwn(copied, key)) throw duplicate(key);
  return withTags(copied, requested);
}

/** Tags as EC2 answers with them; left out when there are none. */
export function tagSet(tags: Tags): Tag[] | undefined {
  const keys = Object.keys(tags);
  return keys.length === 0 ? undefined : keys.map((key) => ({Key: key, Value: tags[key]}));
}

function checkTag(key: string, value: string): void {
  if (key === '') throw new ApiError('InvalidParameterValue', 'Tag key cannot be null or empty.');
  if (/^aws:/i.test(key)) {
    throw new ApiError(
      'InvalidParameterValue',
      `Tag keys starting with 'aws:' are reserved for internal use: '${key}'`,
    );
  }
  if ([...key].length > MAX_KEY) {
    throw new ApiError(
      'InvalidParameterValue',
      `Tag key exceeds the maximum length of ${MAX_KEY} characters`,
    );
  }
  if ([...value].length > MAX_VALUE) {
    throw new ApiError(
      'InvalidParameterValue',
      `Tag value exceeds the maximum length of ${MAX_VALUE} characters`,
    );
  }
}

function duplicate(key: string): ApiError {
  return new ApiError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
}
