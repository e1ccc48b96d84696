/** The order in which a host is offered keys and passwords. */
import type {
  AnyAuthMethod,
  AuthHandlerMiddleware,
  BaseAgent,
  IdentityCallback,
  KeyboardInteractiveAuthMethod,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';
import {FtaskError} from '../../errors.ts';
import {AuthenticationFailed} from '../../host/failures.ts';
import type {Secret} from '../../secret.ts';
import type {SshSettings} from '../settings.ts';
import type {Ssh2} from '../ssh2.ts';
import type {Identity} from './identities.ts';

export interface Credentials {
  readonly identities: readonly Identity[];
  /** Only when the operator asked for it. */
  readonly password?: Secret;
}

export interface Authentication {
  readonly handler: AuthHandlerMiddleware;
  /** What there is to offer, for people. */
  readonly offered: readonly string[];
  /** What went wrong on our own side, such as a passphrase that nobody gave. */
  readonly failure: () => FtaskError | undefined;
}

type WhileAsking = <T>(work: () => Promise<T>) => Promise<T>;

/** Offers the keys, then the password in both forms; never `none`, which costs a round trip. */
export function authentication(
  ssh2: Ssh2,
  settings: SshSettings,
  {identities, password}: Credentials,
  whileAsking: WhileAsking,
): Authentication {
  const username = settings.user;
  let failure: FtaskError | undefined;
  const methods: AnyAuthMethod[] = [];
  if (identities.length > 0) {
    const agent = keyring(ssh2, identities, whileAsking, (error) => {
      if (error instanceof FtaskError) failure ??= error;
    });
    methods.push({type: 'agent', username, agent});
  }
  if (password && settings.passwordAuthentication)
    methods.push({type: 'password', username, password: password.reveal()});
  if (password && settings.kbdInteractiveAuthentication)
    methods.push({type: 'keyboard-interactive', username, prompt: answerWith(password)});
  const offered = identities.map(({from, label}) => (from === 'agent' ? `${label} (agent)` : label));
  if (methods.length > (identities.length > 0 ? 1 : 0)) offered.push('the password');
  const handler = (left: readonly string[] | null) => {
    for (let method = methods.shift(); method; method = methods.shift())
      if (left === null || left.includes(method.type)) return method;
    return false;
  };
  // ssh2's types forget that the method may be returned, and that `false` is the end.
  return {handler: handler as unknown as AuthHandlerMiddleware, offered, failure: () => failure};
}

function answerWith(password: Secret): KeyboardInteractiveAuthMethod['prompt'] {
  return (_name, _instructions, _lang, prompts, finish) => {
    // Only what is not echoed is a password.
    finish(prompts.map(({echo}) => (echo ? '' : password.reveal())));
  };
}

/** All identities as one agent, so that a key file is asked to sign only after the server said it would take the key. */
function keyring(
  {BaseAgent: Base}: Ssh2,
  identities: readonly Identity[],
  whileAsking: WhileAsking,
  failed: (error: Error) => void,
): BaseAgent<ParsedKey> {
  class Keyring extends Base<ParsedKey> {
    override getIdentities(done: IdentityCallback<ParsedKey>): void {
      done(undefined, [...identities.map(({publicKey}) => publicKey)]);
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      const hash = typeof options === 'object' ? options.hash : undefined;
      const identity = identities.find(({publicKey}) => publicKey === key);
      const work = hash === 'sha1' ? refuseSha1() : identity?.sign(data, hash);
      whileAsking(async () => work).then(
        (signature) => answer(done, undefined, signature),
        (error: Error) => {
          failed(error);
          answer(done, error);
        },
      );
    }
  }
  return new Keyring();
}

/** What ssh2 falls back to when the server does not say that it takes better ones (RFC 8308, 3.1). */
async function refuseSha1(): Promise<never> {
  throw new AuthenticationFailed('the server takes rsa keys with SHA-1 only, which is broken', {
    hint: 'use a key of another type: ssh-keygen -t ed25519',
  });
}

/** The connection may have died meanwhile, and ssh2 throws then. */
function answer(done: SignCallback | undefined, error: Error | undefined, signature?: Buffer): void {
  try {
    done?.(error, signature);
  } catch {
    // Whoever waits for the connection has been told.
  }
}
