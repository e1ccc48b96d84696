/** CreateTags, DeleteTags and DescribeTags, for resources of every kind. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  Tag,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {compileFilters} from '../api/filters.ts';
import {find, isVisible, NAMING} from '../api/find.ts';
import {MAX_PAGE} from '../api/paging.ts';
import {tagsFrom, withTags} from '../api/tag-rules.ts';
import type {Kind, Tables, Tags} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

const MAX_RESOURCES = 1000;
const KINDS = Object.keys(NAMING) as Kind[];

export const createTags: Handler<CreateTagsRequest, object> = (input, call) => {
  const added = tagsFrom(required(input.Tags, 'Tag'));
  if (Object.keys(added).length === 0)
    throw new ApiError('MissingParameter', 'The request must contain the parameter Tag');
  retag(required(input.Resources, 'ResourceId'), call, (tags) => withTags(tags, added));
  return {};
};

/** Without tags it removes them all; with a value, only where the value is the same. */
export const deleteTags: Handler<DeleteTagsRequest, object> = (input, call) => {
  const removed = given(input.Tags);
  retag(required(input.Resources, 'ResourceId'), call, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key, value]) => !isRemoved(key, value, removed))),
  );
  return {};
};

export const describeTags: Handler<DescribeTagsRequest, DescribeTagsResult> = (input, call) => {
  const passes = compileFilters<TagRow>(input.Filters, {
    key: ({key}) => key,
    'resource-id': ({id}) => id,
    'resource-type': ({kind}) => kind,
    value: ({value}) => value,
  });
  const rows = KINDS.flatMap((kind) =>
    [...call.store.all(kind, call.region)]
      .filter((entity) => entity.owner === call.account && isVisible(entity, call.now))
      .flatMap((entity) => rowsOf(kind, entity)),
  ).filter(passes);
  const offset = offsetOf(input.NextToken);
  const size = pageSize(input.MaxResults);
  const next = offset + size;
  return {
    Tags: rows.slice(offset, next).map(({key, value, id, kind}) => ({
      Key: key,
      Value: value,
      ResourceId: id,
      ResourceType: kind as ResourceType,
    })),
    NextToken: next < rows.length ? Buffer.from(`tags ${next}`).toString('base64') : undefined,
  };
};

interface TagRow {
  readonly id: string;
  readonly kind: Kind;
  readonly key: string;
  readonly value: string;
  readonly tags: Tags;
}

function rowsOf(kind: Kind, {id, tags}: Tables[Kind]): TagRow[] {
  return Object.entries(tags).map(([key, value]) => ({id, kind, key, value, tags: {[key]: value}}));
}

function retag(ids: readonly string[], call: Call, change: (tags: Tags) => Tags): void {
  if (ids.length > MAX_RESOURCES) {
    throw new ApiError(
      'InvalidParameterValue',
      `At most ${MAX_RESOURCES} resources can be tagged in one call`,
    );
  }
  for (const id of new Set(ids)) {
    const kind = KINDS.find((candidate) => id.startsWith(`${NAMING[candidate].prefix}-`));
    if (!kind) throw new ApiError('InvalidID', `The ID '${id}' is not valid`);
    retagOne(kind, id, call, change);
  }
}

function retagOne<K extends Kind>(kind: K, id: string, call: Call, change: (tags: Tags) => Tags): void {
  const entity = find(kind, id, call);
  if (entity.owner !== call.account) throw new ApiError('AuthFailure', `Not authorized for ${kind}:${id}`);
  call.changes.replace(kind, {...entity, tags: change(entity.tags)});
}

function isRemoved(key: string, value: string, removed: readonly Tag[] | undefined): boolean {
  if (key.startsWith('aws:')) return false;
  return (
    !removed || removed.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value))
  );
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const match = /^tags (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (match) return Number(match[1]);
  throw new ApiError('InvalidParameterValue', 'Invalid value for the parameter NextToken');
}

function pageSize(maxResults: number = MAX_PAGE): number {
  if (maxResults >= 5 && maxResults <= MAX_PAGE) return maxResults;
  throw new ApiError('InvalidParameterValue', `Value ( ${maxResults} ) for parameter maxResults is invalid.`);
}
