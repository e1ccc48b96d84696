/** Which failures leave no doubt that nothing was done. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {classify} from '../../../src/ec2/call/classify.ts';
import {LostAnswerError, UnreachableError} from '../../../src/ec2/errors.ts';

const site = {action: 'CreateSnapshots', region: 'eu-west-1'};

function networkError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), {code, ...(syscall && {syscall})});
}

describe('a failing network', () => {
  for (const [code, syscall] of [
    ['ECONNREFUSED', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['ECONNREFUSED', undefined],
  ] as const) {
    test(`has sent nothing when ${syscall ?? 'every address'} fails with ${code}`, () => {
      assert.ok(classify(networkError(code, syscall), site) instanceof UnreachableError);
    });
  }

  for (const [code, syscall] of [
    ['EHOSTUNREACH', 'read'],
    ['ENETUNREACH', 'write'],
    ['ECONNRESET', 'read'],
  ] as const) {
    test(`may have delivered the request when ${syscall} fails with ${code}`, () => {
      assert.ok(classify(networkError(code, syscall), site) instanceof LostAnswerError);
    });
  }
});

describe('EC2 itself, failing with HTTP 500', () => {
  const failure = (Code: string) =>
    Object.assign(new Error('no'), {Code, name: Code, $metadata: {httpStatusCode: 500}});

  test('may have done it', () => {
    assert.ok(classify(failure('InternalError'), site) instanceof LostAnswerError);
  });

  test('has not done it when it says that there was no room', () => {
    const error = classify(failure('InsufficientInstanceCapacity'), site);
    assert.ok(!(error instanceof LostAnswerError));
    assert.equal(error.code, 'InsufficientInstanceCapacity');
  });
});

describe('missing credentials', () => {
  const missing = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  });

  test('are those of the profile that was chosen', () => {
    const {message, hint} = classify(missing, {...site, profile: 'nope'});
    assert.equal(
      message,
      'no AWS credentials of profile nope: Could not load credentials from any providers',
    );
    assert.match(String(hint), /~\/\.aws\/config/);
  });

  test('are a reason to choose one', () => {
    const {message, hint} = classify(missing, site);
    assert.match(message, /^no AWS credentials: /);
    assert.match(String(hint), /--profile/);
  });
});
