/** What the script of a restore does with services, and how it finds out whether the application is well. */
import {sh} from '../../../host/command.ts';
import type {Application, Service} from '../../application.ts';

/**
 * Shell functions `note`, `halt`, `begin`, `unbegin`, `resume` and `runs`, for one service at a time, `reload`, `answers`
 * and `be_well`. What they start does not inherit the lock.
 */
export const SERVICES = `
note() {
  if is_active; then say "was $at active"; else say "was $at inactive"; fi && { ! is_enabled || say "was $at enabled"; }
}
halt() {
  stop
  ! is_active || { echo "$name cannot be stopped" >&2; return 1; }
}
begin() { start && { enable || echo "$name cannot be enabled" >&2; }; }
unbegin() { halt && { has "was $at enabled" || ! has 'phase start' || disable || true; }; }
resume() { ! has "was $at active" || { start && is_active; }; }
runs() { is_up || { echo "$name does not run" >&2; return 1; }; }
runs_again() { ! has "was $at active" || runs; }
reload() { [ -z "$has_units" ] || systemctl daemon-reload; }
answers() {
  [ "$url" ] || return 0
  code=$(curl -s -o /dev/null --noproxy '*' --max-time 10 -w '%{http_code}' -- "$url")
  case $code in
    200) return ;;
    000) echo "$url does not answer" >&2 ;;
    *) echo "$url answers with $code" >&2 ;;
  esac
  return 1
}
be_well() {
  tries=0
  until over service "$services" "$1" && answers; do
    tries=$((tries + 1))
    [ "$tries" -le "$retries" ] || return
    sleep "$delay"
    : >"$log"
  done
  sleep 1
  over service "$services" "$1"
}`;

/** The function `service_<at>`: it does what it is told with this service, in a shell of its own. */
export function serviceText(at: number, service: Service): string {
  return [
    `service_${at}() { (`,
    'exec 9>&-; unset LC_ALL',
    sh`name=${serviceName(service)}`.text,
    ...functionsOf(service),
    '"$1"',
    '); }',
  ].join('\n');
}

/** As people call it. */
export function serviceName(service: Service): string {
  if (service.kind === 'systemd') return service.unit;
  return service.kind === 'compose' ? service.service : service.start;
}

function functionsOf(service: Service): string[] {
  if (service.kind === 'systemd') {
    const {unit} = service;
    return [
      sh`is_active() { case $(systemctl is-active -- ${unit}) in active | *ing) ;; *) false ;; esac; }`.text,
      // One that systemd starts again and again is activating in between.
      sh`is_up() { case $(systemctl is-active -- ${unit}) in active | reloading | refreshing) ;; *) false ;; esac; }`
        .text,
      sh`is_enabled() { systemctl is-enabled --quiet -- ${unit} 2>/dev/null; }`.text,
      ...(['stop', 'start', 'disable'] as const).map(
        (verb) => sh`${verb}() { systemctl ${verb} -- ${unit}; }`.text,
      ),
      sh`enable() { systemctl enable --quiet -- ${unit}; }`.text,
    ];
  }
  if (service.kind === 'compose') {
    const compose = sh`docker compose --project-directory ${service.project}`;
    return [
      sh`is_active() { ${compose} ps --services --status running | grep -qxF -e ${service.service}; }`.text,
      sh`stop() { ${compose} stop ${service.service}; }`.text,
      sh`start() { ${compose} up -d --no-deps --no-recreate ${service.service}; }`.text,
      WITHOUT_UNIT,
    ];
  }
  const verbs = {is_active: service.isActive, stop: service.stop, start: service.start};
  return [
    ...Object.entries(verbs).map(([verb, command]) => `${verb}() { ${sh`sh -c ${command}`.text}; }`),
    WITHOUT_UNIT,
  ];
}

const WITHOUT_UNIT =
  'is_up() { is_active; }; is_enabled() { true; }; enable() { true; }; disable() { true; }';

/** What the script knows of the health of an application. */
export function healthText({services, health}: Pick<Application, 'services' | 'health'>): string {
  const {url = '', retries = 5, delayMs = 2000} = health ?? {};
  const hasUnits = services.some(({kind}) => kind === 'systemd') ? 'yes' : '';
  return sh`services=${services.length} url=${url} retries=${retries} delay=${delayMs / 1000} has_units=${hasUnits}`
    .text;
}
