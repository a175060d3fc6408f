import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { runCli } from './run-cli.ts'

let temporary: string
beforeEach(() => void (temporary = mkdtempSync(join(tmpdir(), 'tracelog-level-'))))
afterEach(() => rmSync(temporary, { recursive: true }))

const folder = () => join(temporary, `tracelog-${process.geteuid?.()}`)
const level = (...argv: string[]) => runCli(['level', ...argv], { env: { TMPDIR: temporary }, cwd: temporary })

test('writes one file per service, for this user alone', async () => {
  expect(await level('DEBUG,db=13', '--service', 'shop')).toEqual({
    code: 0,
    out: 'shop: debug,db=warn, until tracelog level --clear. Its processes of this user follow within two seconds.\n',
    err: '',
  })
  expect(readFileSync(join(folder(), 'shop.level'), 'utf8')).toBe('debug,db=warn\n')
  expect([folder(), join(folder(), 'shop.level')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600])
})

test.each([
  ['../../etc/passwd', '..%2F..%2Fetc%2Fpasswd.level'],
  ['@org/shop api', '%40org%2Fshop%20api.level'],
  ['läden', 'l%C3%A4den.level'],
])('the service "%s" is the file %s, and is shown by its name', async (service, name) => {
  await level('debug', '--service', service)
  expect(readdirSync(folder())).toEqual([name])
  const shown = JSON.parse((await level('--json')).out) as { levels: { service: string }[] }
  expect(shown.levels.map((one) => one.service)).toEqual([service])
})

test('without a level, what is set is shown, and until when', async () => {
  expect(await level()).toEqual({ code: 1, out: '', err: 'tracelog level: no level is set, by command or here\n' })
  await level('debug', '--service', 'shop', '--for', '10m')
  await level('warn', '--service', 'api')
  writeFileSync(join(folder(), 'broken.level'), 'loud\n')
  writeFileSync(join(folder(), 'past.level'), 'debug\nuntil 2020-01-01T00:00:00.000Z\n')
  const { levels } = JSON.parse((await level('--json')).out) as { levels: Record<string, unknown>[] }
  const file = (name: string) => join(folder(), `${name}.level`)
  expect(levels.toSorted((a, b) => String(a['service']).localeCompare(String(b['service'])))).toEqual([
    { service: 'api', level: 'warn', until: null, isOver: false, file: file('api') },
    expect.objectContaining({ service: 'broken', level: null, error: expect.stringContaining('"loud"') as string }),
    { service: 'past', level: 'debug', until: '2020-01-01T00:00:00.000Z', isOver: true, file: file('past') },
    { service: 'shop', level: 'debug', until: expect.any(String) as string, isOver: false, file: file('shop') },
  ])
  const { out } = await level('--service', 'api')
  expect(out).toMatch(/^service +level +until +from\n/)
  expect(out).toContain('api')
  expect(out).not.toContain('shop')
})

test('what processes begin with that are started here is shown below, the stronger one first', async () => {
  writeFileSync(join(temporary, 'tracelog.yaml'), 'tracelog:\n  level: info,db=debug\n')
  const env = { TMPDIR: temporary, TRACELOG_LEVEL: 'warn' }
  const shown = await runCli(['level'], { env, cwd: temporary })
  expect(shown.code).toBe(0)
  expect(shown.out).toMatch(
    /\(started here\) +info,db=debug +tracelog\.yaml:2\n\(started here\) +warn +TRACELOG_LEVEL\n$/,
  )
  expect(JSON.parse((await runCli(['level', '--json'], { env, cwd: temporary })).out)).toEqual({
    levels: [],
    here: [
      { level: 'info,db=debug', from: 'tracelog.yaml:2' },
      { level: 'warn', from: 'TRACELOG_LEVEL' },
    ],
  })
})

test('--clear removes the file; a second time nothing was there', async () => {
  await level('debug', '--service', 'shop')
  expect((await level('--clear', '--service', 'shop')).code).toBe(0)
  expect(existsSync(join(folder(), 'shop.level'))).toBe(false)
  expect((await level('--clear', '--service', 'shop')).code).toBe(1)
})

describe('a folder that somebody else could write into is refused', () => {
  test.each([
    ['a symbolic link', () => symlinkSync(mkdtempSync(join(temporary, 'else-')), folder()), 'is no folder'],
    [
      'open to others',
      () => {
        mkdirSync(folder())
        chmodSync(folder(), 0o777)
      },
      'is open to others (mode 777), but must be of mode 700',
    ],
  ])('%s', async (_what, arrange, message) => {
    arrange()
    for (const argv of [['debug', '--service', 'shop'], ['--clear', '--service', 'shop'], []]) {
      const { code, err } = await level(...argv)
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) as string })
    }
  })
})

describe('wrong usage names what is wrong', () => {
  test.each([
    [['debug'], '--service is not given, but must name the processes that are meant'],
    [['loud', '--service', 'shop'], 'the level is "loud", but must be one of trace, '],
    [['debug', '--service', 'shop', '--for', 'ever'], '--for is "ever", but must be a time as 30s, 10m or 2h'],
    [['debug', '--service', 'shop', '--for', '0s'], '--for is "0s", but must be a time'],
    [['--for', '10m'], '--for is without a level, but must be with one'],
    [['debug', '--clear', '--service', 'shop'], '--clear is with "debug", but must be with --service alone'],
    [['--clear'], '--service is not given'],
    [['debug', '--service', 'ä'.repeat(100)], '--service is 100 characters long, but must fit into a file name'],
  ])('%j', async (argv, message) => {
    const { code, err } = await level(...argv)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) as string })
    expect(existsSync(folder())).toBe(false)
  })
})
