/** What a broken path to EC2 looks like to an operator: a server that answers as told, over real HTTP. */
import assert from 'node:assert/strict';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {after, before, describe, test} from 'node:test';
import {scaledClock} from '../../src/clock.ts';
import {RateLimits} from '../../src/ec2/call/limits.ts';
import {type Ec2, openEc2} from '../../src/ec2/client.ts';
import {
  ClockError,
  CredentialsError,
  LostAnswerError,
  NotPermittedError,
  ThrottledError,
  UnreachableError,
} from '../../src/ec2/errors.ts';
import type {Region} from '../../src/ec2/ids.ts';
import type {FtaskError} from '../../src/errors.ts';

const region = 'eu-west-1' as Region;
const clock = scaledClock(1000);
let answer: (response: ServerResponse) => void;
let calls = 0;
let throttled: string[] = [];

const server = createServer((request, response) => {
  calls += 1;
  request.resume().on('end', () => answer(response));
});

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.closeAllConnections();
  server.close();
});

function open(endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`): Ec2 {
  calls = 0;
  throttled = [];
  return openEc2({
    endpointUrl,
    credentials: {accessKeyId: 'AKIATEST', secretAccessKey: 'very-secret'},
    concurrency: 5,
    clock,
    limits: new RateLimits(clock),
    onThrottled: (where, action) => throttled.push(`${where} ${action}`),
  });
}

async function failure(call: Promise<unknown>): Promise<FtaskError> {
  const error: unknown = await call.then(
    () => assert.fail('it should have failed'),
    (reason) => reason,
  );
  const {message, hint = ''} = error as FtaskError;
  assert.doesNotMatch(`${message}${hint}`, /\n|very-secret/, 'one line, without secrets');
  return error as FtaskError;
}

const xmlError = (status: number, code: string, message: string) => (response: ServerResponse) => {
  response.writeHead(status, {'content-type': 'text/xml'});
  response.end(
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`,
  );
};
const html = (status: number) => (response: ServerResponse) => {
  response.writeHead(status, {'content-type': 'text/html'});
  response.end('<html><body><p>Please log in<br></body></html>');
};
const regions = (response: ServerResponse) => {
  response.writeHead(200, {'content-type': 'text/xml'});
  response.end(
    '<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>',
  );
};

describe('a call to EC2', () => {
  test('says that nothing listens at a closed endpoint', async () => {
    const error = await failure(open('http://127.0.0.1:1').call(region, 'DescribeRegions', {}));
    assert.ok(error instanceof UnreachableError);
    assert.match(error.message, /cannot reach http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/);
  });

  test('tells nobody the password in the address of an endpoint', async () => {
    const error = await failure(
      open('http://user:very-secret@127.0.0.1:1').call(region, 'DescribeRegions', {}),
    );
    assert.match(error.message, /cannot reach http:\/\/127\.0\.0\.1:1: /);
  });

  for (const status of [200, 502]) {
    test(`says that a proxy's page with HTTP ${status} is not EC2`, async () => {
      answer = html(status);
      const error = await failure(open().call(region, 'DescribeRegions', {}));
      assert.ok(error instanceof LostAnswerError);
      assert.match(error.message, /is not EC2 \(an HTML page, HTTP/);
    });
  }

  test('refuses to work with a clock that is 10 minutes wrong, even when AWS answers', async () => {
    answer = (response) => {
      response.setHeader('date', new Date(Date.now() + 600_000).toUTCString());
      regions(response);
    };
    const error = await failure(open().call(region, 'DescribeRegions', {}));
    assert.ok(error instanceof ClockError);
    assert.match(error.message, /clock is 10 minutes behind AWS's/);
  });

  test('tells what it created even when the clock turns out to be wrong', async () => {
    answer = (response) => {
      response.writeHead(200, {
        'content-type': 'text/xml',
        date: new Date(Date.now() - 600_000).toUTCString(),
      });
      response.end(
        '<CreateSnapshotsResponse><snapshotSet><item><snapshotId>snap-1</snapshotId></item></snapshotSet></CreateSnapshotsResponse>',
      );
    };
    const instance = {InstanceSpecification: {InstanceId: 'i-1'}};
    const {Snapshots} = await open().call(region, 'CreateSnapshots', instance);
    assert.deepEqual(Snapshots, [{SnapshotId: 'snap-1'}]);
  });

  test('names the action that is not permitted, without the encoded blob', async () => {
    answer = xmlError(
      403,
      'UnauthorizedOperation',
      'You are not authorized. Encoded authorization failure message: aGVsbG8',
    );
    const error = await failure(open().call(region, 'DescribeSnapshots', {}));
    assert.ok(error instanceof NotPermittedError);
    assert.match(error.message, /not permitted: ec2:DescribeSnapshots in eu-west-1/);
    assert.doesNotMatch(error.message, /aGVsbG8/);
    assert.equal(calls, 1, 'asking again does not help');
  });

  for (const code of ['ExpiredToken', 'AuthFailure']) {
    test(`blames the credentials for ${code}`, async () => {
      answer = xmlError(401, code, 'no');
      assert.ok((await failure(open().call(region, 'DescribeRegions', {}))) instanceof CredentialsError);
    });
  }

  test('is repeated when it was throttled, which is said once a region', async () => {
    const ec2 = open();
    answer = (response) =>
      calls < 4
        ? xmlError(503, 'RequestLimitExceeded', 'Request limit exceeded.')(response)
        : regions(response);
    const {Regions} = await ec2.call(region, 'DescribeRegions', {});
    assert.deepEqual(Regions, [{RegionName: 'eu-west-1'}]);
    assert.equal(calls, 4);
    assert.deepEqual(throttled, ['eu-west-1 DescribeRegions']);
  });

  test('gives up when it is throttled for ever', async () => {
    answer = xmlError(503, 'RequestLimitExceeded', 'Request limit exceeded.');
    assert.ok((await failure(open().call(region, 'DescribeRegions', {}))) instanceof ThrottledError);
  });

  test('is repeated when the answer to a reading call was lost', async () => {
    const ec2 = open();
    answer = (response) => (calls < 3 ? response.destroy() : regions(response));
    assert.equal((await ec2.call(region, 'DescribeRegions', {})).Regions?.length, 1);
  });

  test('is never repeated when the answer to a creating call was lost', async () => {
    const broken = [
      (response: ServerResponse) => response.destroy(),
      xmlError(500, 'InternalError', 'An internal error has occurred'),
      html(502),
    ];
    for (const breakIt of broken) {
      answer = breakIt;
      const error = await failure(
        open().call(region, 'CreateSnapshots', {InstanceSpecification: {InstanceId: 'i-1'}}),
      );
      assert.ok(error instanceof LostAnswerError);
      assert.equal(calls, 1);
    }
  });

  test('is repeated when it creates something under a client token, so that there is one of it', async () => {
    const ec2 = open();
    answer = (response) => {
      if (calls < 3) {
        response.destroy();
        return;
      }
      response.writeHead(200, {'content-type': 'text/xml'});
      response.end('<CreateVolumeResponse><volumeId>vol-1</volumeId></CreateVolumeResponse>');
    };
    const input = {AvailabilityZone: 'eu-west-1a', Size: 1, ClientToken: 'once'};
    assert.equal((await ec2.call(region, 'CreateVolume', input)).VolumeId, 'vol-1');
    assert.equal(calls, 3);
  });

  test('is not cut off by Ctrl-C when it creates something', async () => {
    const interrupt = new AbortController();
    answer = (response) => {
      interrupt.abort(new Error('Ctrl-C'));
      response.writeHead(200, {'content-type': 'text/xml'});
      response.end('<RunInstancesResponse><reservationId>r-1</reservationId></RunInstancesResponse>');
    };
    const launch = {ImageId: 'ami-1', MinCount: 1, MaxCount: 1, ClientToken: 'once'};
    const {ReservationId} = await open().call(region, 'RunInstances', launch, interrupt.signal);
    assert.equal(ReservationId, 'r-1');
  });
});
