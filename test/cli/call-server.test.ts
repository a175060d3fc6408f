/** `tracelog call` against a service that runs: its own bearer, what it prints, and what it does when the service is gone. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { NOWHERE, startReturningService, stopService, type ReturningService } from '../support/returning-service.ts'
import { runCli } from './run-cli.ts'

const KEY = 'a key that the services share: 32 bytes'

let service: ReturningService
beforeAll(async () => {
  service = await startReturningService({
    env: { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: `${KEY},${'o'.repeat(32)}`, ...NOWHERE },
  })
})
afterAll(() => stopService(service))

test.each([
  ['the key that signs', KEY],
  ['the one that is on its way out', 'o'.repeat(32)],
])('who has the key of the server sees all of its own call: %s', async (_name, key) => {
  const { code, out, err } = await runCli(['call', `${service.url}/lines`], { env: { TRACELOG_RETURN_KEY: key } })
  expect([code, out]).toEqual([0, 'done\n'])
  // From its winston, below the level too, and what it prints.
  expect(err).toMatch(/looked up[\s\S]*found[\s\S]*halfway[\s\S]*went wrong/)
  expect(err).toContain('stdout | ')
  expect(err).not.toContain('no lines')
})

test('a 202 with a job behind it is told to the end of the job', async () => {
  const { code, out, err } = await runCli(['call', `${service.url}/job`], { env: { TRACELOG_RETURN_KEY: KEY } })
  expect([code, out]).toEqual([0, 'accepted\n'])
  expect(err).toContain('packed 3')
})

test.each([
  ['another key', { TRACELOG_RETURN_KEY: 'z'.repeat(32) }],
  ['none', {}],
])('with %s the response comes alone', async (_name, env) => {
  const { code, out, err } = await runCli(['call', `${service.url}/lines`], { env })
  expect([code, out]).toEqual([0, 'done\n'])
  expect(err).toBe(`tracelog call: no lines (any more) of this call from ${service.base}\n`)
})

test('a server that is killed meanwhile: said at once, and given up in time', async () => {
  const own = await startReturningService({ env: { TRACELOG_RETURN: 'on', TRACELOG_RETURN_KEY: KEY, ...NOWHERE } })
  const ran = runCli(['call', `${own.url}/job?wait=600000`], {
    env: { TRACELOG_RETURN_KEY: KEY },
    onOut: () => own.child.kill('SIGKILL'),
  })
  const { code, out, err } = await ran
  expect([code, out]).toEqual([0, 'accepted\n'])
  expect(err).toContain('tracelog call: the connection to the lines broke: trying again for 10 s')
  expect(err).toContain('no lines (any more)')
})
