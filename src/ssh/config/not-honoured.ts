/** What a configuration asks for, matters, and is not done: said with `-v` and by `ftask hosts`. */
import {FtaskError} from '../../errors.ts';
import {matchesAny} from '../pattern.ts';
import type {IgnoredSetting} from '../settings.ts';
import type {ConfigLine} from './files/line.ts';
import {FROM_SSH} from './ssh-g.ts';

interface Rule {
  readonly why: string;
  /** Values that ask for nothing. */
  readonly harmless?: RegExp;
  /** The program ssh does it all the same when it carries the host. */
  readonly isHonouredBySsh?: true;
}

const OFF = /^(no|false|none)$/i;

const RULES: Readonly<Record<string, Rule>> = {
  addkeystoagent: {why: 'keys are not added to the agent', harmless: OFF, isHonouredBySsh: true},
  checkhostip: {why: 'addresses are not looked up in known_hosts', harmless: OFF, isHonouredBySsh: true},
  connecttimeout: {why: 'connecting always has a time limit: 10 s', harmless: /^(?!(none|0+[smhdw]?)$)/i},
  dynamicforward: {why: 'ports are not forwarded'},
  forwardagent: {
    why: 'only the agent that is used can be forwarded: yes or no',
    harmless: /^(yes|no|true|false)$/i,
  },
  forwardx11: {why: 'X11 is not forwarded', harmless: OFF},
  gssapiauthentication: {
    why: 'Kerberos is not tried; PreferredAuthentications can ask for it',
    harmless: OFF,
    isHonouredBySsh: true,
  },
  gssapidelegatecredentials: {why: 'Kerberos is not tried', harmless: OFF, isHonouredBySsh: true},
  gssapikeyexchange: {why: 'Kerberos is not tried', harmless: OFF, isHonouredBySsh: true},
  localforward: {why: 'ports are not forwarded'},
  nohostauthenticationforlocalhost: {
    why: 'this host is checked like all others',
    harmless: OFF,
    isHonouredBySsh: true,
  },
  permitlocalcommand: {why: 'LocalCommand is not run', harmless: OFF},
  pubkeyacceptedalgorithms: {why: 'ssh2 chooses how to sign: SHA-2 for RSA keys', isHonouredBySsh: true},
  rekeylimit: {
    why: 'keys are exchanged anew when the server asks for it',
    harmless: /^(0|default)( (0|none))?$/i,
    isHonouredBySsh: true,
  },
  remotecommand: {why: 'ftask runs its own commands', harmless: OFF},
  remoteforward: {why: 'ports are not forwarded'},
  requiredrsasize: {why: 'short RSA keys are left to the server', harmless: /^1024$/, isHonouredBySsh: true},
  securitykeyprovider: {why: 'ssh2 has no security keys', harmless: /^internal$/i, isHonouredBySsh: true},
  setenv: {why: 'variables are set per command'},
  stricthostkeychecking: {
    why: 'an unknown key is accepted, a changed one is refused all the same',
    harmless: /^(?!(no|false|off)$)/i,
  },
  tunnel: {why: 'there are no tunnels', harmless: OFF},
  updatehostkeys: {why: 'further keys of a host are not learned', harmless: OFF, isHonouredBySsh: true},
  verifyhostkeydns: {why: 'keys are looked up in known_hosts only', harmless: OFF, isHonouredBySsh: true},
};

/** Honoured, judged in `needs-openssh.ts`, or of no consequence for running commands. */
const QUIET: ReadonlySet<string> = new Set(
  `addressfamily batchmode bindaddress bindinterface canonicaldomains canonicalizefallbacklocal
  canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms certificatefile
  channeltimeout ciphers clearallforwardings compression connectionattempts controlmaster controlpath
  controlpersist enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash
  forkafterauthentication forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile hashknownhosts
  hostbasedacceptedalgorithms hostbasedauthentication hostkeyalgorithms hostkeyalias hostname identitiesonly
  identityagent identityfile ignoreunknown ipqos kbdinteractiveauthentication kbdinteractivedevices kexalgorithms
  knownhostscommand localcommand logfacility loglevel logverbose macs numberofpasswordprompts
  obscurekeystroketiming passwordauthentication permitremoteopen pkcs11provider port preferredauthentications
  proxycommand proxyjump proxyusefdpass pubkeyauthentication requesttty revokedhostkeys sendenv
  serveralivecountmax serveraliveinterval sessiontype stdinnull streamlocalbindmask streamlocalbindunlink
  syslogfacility tag tcpkeepalive tunneldevice user userknownhostsfile versionaddendum visualhostkey
  warnweakcrypto xauthlocation`.split(/\s+/),
);

/** Keywords that count each time they are said. */
const ADDS_UP: ReadonlySet<string> = new Set(['dynamicforward', 'localforward', 'remoteforward']);

/**
 * What of the lines is not done.
 * @throws FtaskError when the configuration refuses the host (RefuseConnection)
 */
export function notHonoured(lines: readonly ConfigLine[]): IgnoredSetting[] {
  const first = (keyword: string): ConfigLine | undefined => lines.find((line) => line.keyword === keyword);
  const refusal = first('refuseconnection');
  if (refusal) throw new FtaskError('HostRefused', `${refusal.origin}: RefuseConnection: ${refusal.rest}`);
  const ignoreUnknown = first('ignoreunknown')?.words.join(',').toLowerCase().split(',') ?? [];
  const hasForwards = !/^(yes|true)$/i.test(first('clearallforwardings')?.rest ?? '');
  return lines.flatMap((line) => {
    const {keyword, written: setting, origin, rest} = line;
    if (ADDS_UP.has(keyword) ? !hasForwards : first(keyword) !== line) return [];
    const rule = RULES[keyword];
    if (rule) {
      const {why, harmless, isHonouredBySsh = false} = rule;
      return harmless?.test(rest) ? [] : [{setting, origin, why, isHonouredBySsh}];
    }
    if (QUIET.has(keyword) || origin === FROM_SSH || matchesAny(keyword, ignoreUnknown)) return [];
    return [{setting, origin, why: 'ftask does not know it', isHonouredBySsh: true}];
  });
}
