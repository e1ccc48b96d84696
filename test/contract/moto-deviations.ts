/** Where moto differs from AWS: cases of the contract that it fails, and how. One that it passes is news. */
export const MOTO_DEVIATIONS: Readonly<Record<string, string>> = {
  'lists the regions that are enabled': 'lists those that are not opted in, too',
  'refuses calls in a region that is not enabled': 'every region works',
  'leaves out data volumes on request': 'ExcludeDataVolumeIds is ignored',
  'copies the tags of each volume to its snapshot on request': 'CopyTagsFromSource is ignored',
  'takes no snapshot of a terminated instance': 'the call succeeds with no snapshots',
  'has a new snapshot pending first, and completed later': 'members of a set have no state',
  'allows one snapshot of a volume every 15 seconds': 'no limit',
  'pages through snapshots': 'MaxResults is ignored',
  'lists only the snapshots of the owner that is asked for': 'OwnerIds is ignored',
  'refuses a filter that it does not know': 'answers with an HTML page, HTTP 500',
  'refuses more than 50 tags and makes no snapshot': 'the snapshot is made before the tags are refused',
  "refuses tag keys that are AWS's own": 'accepted',
  'refuses tag values of more than 256 characters': 'accepted',
  'tells a malformed id from one that does not exist': 'every unknown id is not found',
  'copies a snapshot to another region without its tags, under a volume id that means nothing':
    'the copy names the source volume',
};
