import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { runCli } from './run-cli.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tracelog-rules-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const write = (text: string, name = 'tracelog.yaml'): void => writeFileSync(join(folder, name), text)
const rules = (argv: readonly string[], input = '', env: Record<string, string> = {}) =>
  runCli(['rules', ...argv], { cwd: folder, in: input, env })

const RULES = `tracelog: {level: info}
rules:
  - {name: health, when: 'path:/health*', do: drop}
  - {name: secrets, when: 'service:payments', do: [{redact: [iban]}, {level: warn}], then: stop}
  - {name: rest, when: 'level>=error', do: {file: {path: errors.jsonl}}}
`

test('check says what each rule does', async () => {
  write(RULES)
  expect(await rules(['check'])).toEqual({
    code: 0,
    err: '',
    out: `tracelog.yaml: 3 rules
  health: path:/health* -> drop
  secrets: service:payments -> redact iban, level warn, stop
  rest: level>=error -> file ${folder}/errors.jsonl
`,
  })
})

test('check says all that is wrong, with code and places', async () => {
  write('rules:\n  - {name: A, do: drop}\n  - {name: b, when: "level:x", do: drop}', 'mine.yaml')
  const { code, out, err } = await rules(['check', 'mine.yaml'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('mine.yaml has 2 errors:')
  expect(err).toContain('mine.yaml:2:12 rules[0].name is "A", but must be')
  expect(err).toContain('mine.yaml:3:28 rules[1].when: The value of level is "x"')
})

test.each([
  [[], {}, 'There is no tracelog.yaml here'],
  [['gone.yaml'], {}, '--rules is "gone.yaml", but must be a file that can be read (ENOENT)'],
  [
    [],
    { TRACELOG_CONFIG: 'gone.yaml' },
    'TRACELOG_CONFIG is "gone.yaml", but must be a file that can be read (ENOENT)',
  ],
])('check %j with %j', async (argv, env, message) => {
  const { code, err } = await rules(['check', ...argv], '', env)
  expect(code).not.toBe(0)
  expect(err).toContain(message)
})

const LINES = `{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","service":"shop","message":"ping","path":"/health/live"}
{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","service":"payments","message":"paid","iban":"DE1"}
{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","service":"shop","message":"plain"}

no json
`

test('says for each line which rules it meets, and does nothing', async () => {
  write(RULES)
  expect(await rules(['test'], LINES)).toEqual({
    code: 0,
    out: '1  health: drop\n2  secrets: redact iban, level warn\n3  no rule\n',
    err: 'tracelog rules test: 1 line is no flat JSON, and left out\n',
  })
  const { out } = await rules(['test', '--json'], LINES.split('\n').slice(0, 2).join('\n'))
  const answers = out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(answers[0]).toEqual({ line: 1, rules: ['health'], does: ['drop'], dropped: true, record: null })
  expect(answers[1]).toMatchObject({
    rules: ['secrets'],
    record: { message: 'paid', iban: '[redacted]', level: 'WARN', 'tracelog.rule.level_was': 'INFO' },
  })
})

test('ends with 1 when no line meets any rule', async () => {
  write(RULES)
  expect((await rules(['test'], '{"message":"x","level":"INFO"}')).code).toBe(1)
  expect((await rules(['test'], '')).code).toBe(1)
})
