/**
 * A real memcached on a free port. Needs the program: `testWithMemcached`.
 */
import { hasProgram, requireThat } from '../require.ts'
import { freePort } from './free-port.ts'
import { listens, startServer } from './server-process.ts'
import { unprivilegedUser } from './unprivileged.ts'

export interface TestMemcached {
  readonly port: number
  stop(): Promise<void>
}

/** `test`, or a skipped one that says what is missing. */
export const testWithMemcached = requireThat(
  hasProgram('memcached'),
  'needs memcached; to get it: apt-get install memcached',
)

export async function startMemcached(): Promise<TestMemcached> {
  const port = await freePort()
  const server = await startServer({
    name: 'memcached',
    program: 'memcached',
    args: ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '16', '-t', '1'],
    user: unprivilegedUser(),
    isReady: () => listens(port),
  })
  return { port, stop: () => server.stop() }
}
