/** What each variable of the flight recorder does to an application with requests that fail. */
import { expect, test } from 'vitest'

import { readAppConfig } from '../../src/config/app-config.ts'
import { run } from './run.ts'

/** Bodies of what a dump brought, with the reasons of the dumps. */
async function dumped(turns: readonly string[], env: Record<string, string>) {
  const { logs, stdout, stderr } = await run('recorder/shop.cjs', turns, { TRACELOG_RECORDER: 'on', ...env })
  const records = logs.map(({ record }) => record)
  return {
    stderr,
    stats: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>,
    bodies: records.filter(({ attributes }) => attributes['tracelog.buffered'] === true).map(({ body }) => body),
    reasons: records.flatMap(({ attributes }) => attributes['tracelog.dump.reason'] ?? []),
    first: records.find(({ attributes }) => attributes['tracelog.dump.reason'] !== undefined)?.attributes,
  }
}

test.each([
  { value: 'auto', bodies: ['status 500'] },
  { value: 'on', bodies: ['status 500'] },
  { value: 'off', bodies: [] },
])('TRACELOG_RECORDER=$value: what is kept of a request that failed is $bodies', async ({ value, bodies }) => {
  expect((await dumped(['/status/500'], { TRACELOG_RECORDER: value })).bodies).toEqual(bodies)
})

test.each([
  {
    name: 'TRACELOG_RECORDER_LEVEL',
    value: 'debug',
    turns: ['/error/1'],
    bodies: ['begin 1', 'after 1'],
    reasons: ['level'],
  },
  { name: 'TRACELOG_RECORDER_DUMP_LEVEL', value: 'off', turns: ['/late', 'late'], bodies: [], reasons: [] },
  {
    name: 'TRACELOG_RECORDER_DUMP_STATUS',
    value: '404',
    turns: ['/status/404', '/status/500'],
    bodies: ['status 404'],
    reasons: ['status'],
  },
  {
    name: 'TRACELOG_RECORDER_SLOW_MS',
    value: '50',
    turns: ['/slow', '/status/200'],
    bodies: ['slow'],
    reasons: ['slow'],
  },
  { name: 'TRACELOG_RECORDER_RATIO', value: '1', turns: ['/status/200'], bodies: ['status 200'], reasons: ['sample'] },
  { name: 'TRACELOG_RECORDER_LINGER_MS', value: '0', turns: ['/late', 'late'], bodies: [], reasons: [] },
])('$name=$value: dumped is $bodies', async ({ name, value, turns, bodies, reasons }) => {
  expect(await dumped(turns, { [name]: value })).toMatchObject({ bodies, reasons })
})

test.each(['on', 'off'])('TRACELOG_RECORDER_ABORT=%s: a request whose client was gone first', async (value) => {
  const { reasons } = await dumped(['/abort/1', 'wait150'], { TRACELOG_RECORDER_ABORT: value })
  expect(reasons).toEqual(value === 'on' ? ['abort'] : [])
})

test('TRACELOG_RECORDER_UNIT_MAX_RECORDS: the last ones are kept, and the others are said', async () => {
  const { bodies, first } = await dumped(['/burst/12'], { TRACELOG_RECORDER_UNIT_MAX_RECORDS: '10' })
  expect(bodies).toEqual(Array.from({ length: 10 }, (_, i) => `line ${i + 2}`))
  expect(first).toMatchObject({ 'tracelog.dump.buffered': 10, 'tracelog.dump.evicted_records': 2 })
})

test.each(['TRACELOG_RECORDER_UNIT_MAX_BYTES', 'TRACELOG_RECORDER_MAX_BYTES'])(
  '%s: of 1,000 lines some had to go',
  async (name) => {
    const { bodies, stats } = await dumped(['/burst/1000'], { [name]: '65536' })
    expect(bodies.length).toBeGreaterThan(100)
    expect(bodies.length).toBeLessThan(400)
    expect(stats['evicted']).toBe(1_000 - bodies.length)
  },
)

test('what is kept from a level above that of dumps is one problem, then both defaults', () => {
  const env = { TRACELOG_RECORDER_LEVEL: 'fatal', TRACELOG_RECORDER_DUMP_LEVEL: 'error' }
  const { config, problems } = readAppConfig(env)
  expect(problems.map(({ message }) => message)).toEqual([
    'TRACELOG_RECORDER_LEVEL is "fatal", but must be no higher than TRACELOG_RECORDER_DUMP_LEVEL',
  ])
  expect(config.recorder).toEqual(readAppConfig({}).config.recorder)
})
