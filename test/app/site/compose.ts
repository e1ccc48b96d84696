/** A stand-in for `docker compose` on a host of the tests: services of a project are units of systemd, and really run. */
import type {TestHost} from '../host/host.ts';

/**
 * What ftask's users type: `docker compose --project-directory DIR up|start|stop|restart|ps|config|exec|run ...`, from within DIR too.
 * A service NAME of the folder DIR/compose.yml is the unit `compose-NAME`; one that is not in that file is unknown.
 */
const DOCKER = String.raw`#!/bin/sh
set -eu
[ "$1" = compose ] || { echo "docker: '$1' is not a docker command." >&2; exit 1; }
shift
project=. file=
while :; do
  case $1 in
    --project-directory) project=$2; shift 2 ;;
    --project-directory=*) project=${'$'}{1#*=}; shift ;;
    -f | --file) file=$2; shift 2 ;;
    *) break ;;
  esac
done
: "${'$'}{file:=$project/compose.yml}"
[ -f "$file" ] || { echo 'no configuration file provided: not found' >&2; exit 14; }
action=$1
shift
ids=
while [ $# -gt 0 ]; do
  case $1 in
    -d | --detach | -T | --rm | --no-deps | --no-recreate | --services) ;;
    -q | --quiet) ids=1 ;;
    --status | --filter | -t | --timeout) shift ;;
    --status=* | --filter=* | --timeout=*) ;;
    *) break ;;
  esac
  shift
done
known=$(sed -n 's/^  \([a-z]*\):$/\1/p' "$file")
[ "$action" != config ] || { echo "$known"; exit; }
if [ "$action" = exec ] || [ "$action" = run ]; then
  service=$1
  shift
  [ "$action" = run ] || systemctl is-active --quiet "compose-$service" ||
    { echo "service \"$service\" is not running" >&2; exit 1; }
  cd "$project"
  exec runuser -u app -- "$@"
fi
[ $# -gt 0 ] || set -- $known
for service; do
  echo "$known" | grep -qx "$service" || { echo "no such service: $service" >&2; exit 1; }
  case $action in
    up | start) systemctl start "compose-$service" ;;
    stop | restart) systemctl "$action" "compose-$service" ;;
    ps)
      systemctl is-active --quiet "compose-$service" || continue
      if [ -n "$ids" ]; then systemctl show -P InvocationID "compose-$service"; else echo "$service"; fi
      ;;
    *) echo "unknown docker command: \"compose $action\"" >&2; exit 16 ;;
  esac
done
`;

/** Puts `docker` on a host, and a project in a folder with these services, each a command line; they are started. */
export async function installCompose(
  host: TestHost,
  project: string,
  services: Readonly<Record<string, string>>,
): Promise<void> {
  await host.write('/usr/local/bin/docker', DOCKER, 'root', '0755');
  const names = Object.keys(services);
  await host.write(
    `${project}/compose.yml`,
    `services:\n${names.map((name) => `  ${name}:\n    image: app\n`).join('')}`,
  );
  for (const [name, command] of Object.entries(services)) {
    const service = `User=app\nWorkingDirectory=${project}\nExecStart=${command}\n`;
    await host.write(`/etc/systemd/system/compose-${name}.service`, `[Service]\n${service}`);
  }
  await host.sh(
    `systemctl daemon-reload; systemctl start ${names.map((name) => `compose-${name}`).join(' ')}`,
  );
}
