/** The protocol, request by request, as no SDK would send it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {labFor} from './lab-client.ts';

interface Sent {
  readonly date?: Date;
  readonly authorization?: string | null;
}

function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, '');
}

async function post(url: string, body: string, {date = new Date(), authorization}: Sent = {}) {
  const scope = 'Credential=AKIA/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host';
  const signed =
    authorization === undefined ? `AWS4-HMAC-SHA256 ${scope}, Signature=${'0'.repeat(64)}` : authorization;
  const headers = {'x-amz-date': amzDate(date), ...(signed !== null && {authorization: signed})};
  const response = await fetch(url, {method: 'POST', body, headers});
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: /<Code>(.*)<\/Code>/.exec(text)?.[1],
  };
}

describe('the lab', () => {
  test('answers in XML with lists of items and a request id', async (t) => {
    const {lab} = await labFor(t);
    const {status, text, headers} = await post(lab.url, 'Action=DescribeRegions&Version=2016-11-15');
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/xml/);
    assert.match(
      text,
      /<DescribeRegionsResponse xmlns="http:\/\/ec2.amazonaws.com\/doc\/2016-11-15\/"><requestId>[-0-9a-f]{36}</,
    );
    assert.match(text, /<regionInfo><item>.*<regionName>eu-west-1<\/regionName>/);
  });

  test('refuses actions and parameters that do not exist, and requests that lack one', async (t) => {
    const {lab} = await labFor(t);
    const codeOf = async (body: string) => (await post(lab.url, body)).code;
    assert.equal(await codeOf('Action=Nonsense'), 'InvalidAction');
    assert.equal(await codeOf('Action=toString'), 'InvalidAction');
    assert.equal(await codeOf('Action=DescribeRegions&Nonsense=1'), 'UnknownParameter');
    assert.equal(await codeOf('Action=DescribeRegions&Filter.x.Name=a'), 'UnknownParameter');
    assert.equal(await codeOf('Action=DescribeRegions&__proto__.a=1'), 'UnknownParameter');
    assert.equal(await codeOf('Action=CreateSnapshot'), 'MissingParameter');
    assert.equal(await codeOf('Action=DescribeVolumes&MaxResults=many'), 'InvalidParameterValue');
  });

  test('refuses requests that are not signed or signed wrongly', async (t) => {
    const {lab} = await labFor(t);
    const send = (authorization: string | null) => post(lab.url, 'Action=DescribeRegions', {authorization});
    const [unsigned, wrong] = [await send(null), await send('Basic abc')];
    assert.deepEqual([unsigned.code, unsigned.status], ['MissingAuthenticationToken', 403]);
    assert.deepEqual([wrong.code, wrong.status], ['AuthFailure', 401]);
  });

  test('goes by the wall clock of its own and refuses what is dated over five minutes off', async (t) => {
    const {lab} = await labFor(t, {
      fleet: {clock: {speed: 500, offset_minutes: 10}, regions: {'eu-west-1': {}}},
    });
    const late = await post(lab.url, 'Action=DescribeRegions');
    assert.deepEqual([late.code, late.status], ['RequestExpired', 400]);
    const server = new Date(late.headers.get('date') ?? '');
    const skewMinutes = Math.round((server.getTime() - Date.now()) / 60_000);
    assert.equal(skewMinutes, 10);
    assert.equal((await post(lab.url, 'Action=DescribeRegions', {date: server})).status, 200);
  });
});
