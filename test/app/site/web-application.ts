/** What runs on a site: an HTTP server that is well only with its settings and its database. */

/**
 * A Python program of PORT HEALTH_PATH TABLE: answers 200 with the number of rows, or 503 when it cannot ask for it with
 * the `DATABASE_URL` of the `.env` beside it. Without one it does not start.
 */
export const WEB_APPLICATION = `
import http.server, os, subprocess, sys
port, path, table = int(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = dict(line.strip().split('=', 1) for line in open('.env') if '=' in line)
url = settings['DATABASE_URL']

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != path:
            return self.send_error(404)
        count = subprocess.run(['psql', '-XAtqw', '-c', f'SELECT count(*) FROM {table}'], capture_output=True,
                               text=True, env={**os.environ, 'PGHOST': '127.0.0.1', **libpq(url)})
        self.send_response(503 if count.returncode else 200)
        self.end_headers()
        self.wfile.write((count.stdout or count.stderr).encode())

def libpq(url):
    user, rest = url.removeprefix('postgres://').split(':', 1)
    password, rest = rest.split('@', 1)
    return {'PGUSER': user, 'PGPASSWORD': password, 'PGDATABASE': rest.rsplit('/', 1)[1]}

print('application starts', flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler).serve_forever()
`;
