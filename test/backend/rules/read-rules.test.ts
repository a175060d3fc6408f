import { describe, expect, test } from 'vitest'

import { readText } from './rules-text.ts'

/** The example of the documentation. */
export const EXAMPLE = `
rules:
  - name: health checks
    when: path:/health* status<400
    of: logs
    do: drop
  - name: payment secrets
    when: service:payments
    do:
      - redact: [iban, card.holder]
      - tag: { team: billing }
      - level: warn
  - name: errors to the team
    when: level>=error
    do:
      - file: { path: logs/errors.jsonl, format: flat, max_bytes: 64MiB, max_files: 5 }
      - forward: { endpoint: https://otlp.example, headers: { x-key: "\${TEAM_KEY}" }, compression: gzip }
      - exec: { module: ./rules/page-someone.mjs, options: { channel: ops }, batch: 100, every: 1s, timeout: 10s }
  - name: only the shop from here on
    when: -service:shop
    do: { tag: { seen: true } }
    then: stop
`

test('the example is read, each line of it', () => {
  expect(readText(EXAMPLE)).toEqual({
    problems: [],
    rules: [
      {
        name: 'health checks',
        when: 'path:/health* status<400',
        of: 'logs',
        actions: [{ kind: 'drop' }],
        isLast: false,
      },
      {
        name: 'payment secrets',
        when: 'service:payments',
        of: 'logs',
        actions: [
          { kind: 'redact', keys: ['iban', 'card.holder'], isBodyHidden: false },
          { kind: 'tag', attributes: { team: 'billing' } },
          { kind: 'level', severity: 13 },
        ],
        isLast: false,
      },
      {
        name: 'errors to the team',
        when: 'level>=error',
        of: 'logs',
        actions: [
          { kind: 'file', path: '/etc/app/logs/errors.jsonl', format: 'flat', maxBytes: 67_108_864, maxFiles: 5 },
          { kind: 'forward', endpoint: 'https://otlp.example', headers: { 'x-key': 'k1' }, compression: 'gzip' },
          {
            kind: 'exec',
            module: '/etc/app/rules/page-someone.mjs',
            options: { channel: 'ops' },
            env: {},
            batch: 100,
            everyMillis: 1_000,
            timeoutMillis: 10_000,
            place: 'tracelog.yaml:18',
          },
        ],
        isLast: false,
      },
      {
        name: 'only the shop from here on',
        when: '-service:shop',
        of: 'logs',
        actions: [{ kind: 'tag', attributes: { seen: true } }],
        isLast: true,
      },
    ],
  })
})

test.each(['', 'tracelog: {level: "${UNSET_ONE}"}', 'rules: []'])('no rules in %j', (text) => {
  expect(readText(text)).toEqual({ rules: [], problems: [] })
})

const rule = (lines: string): string => `rules:\n  - name: a\n    ${lines}`

describe('what is wrong is told with its place', () => {
  test.each<[text: string, place: string, message: string]>([
    ['rules: 5', '1:8', 'rules is 5, but must be a list of rules'],
    ['rules: {a: 1}', '1:8', 'rules is a mapping, but must be a list of rules'],
    ['rules: [5]', '1:9', 'rules[0] is 5, but must be a mapping with name, when, of, do, then'],
    ['a: [1', '1:6', 'Flow sequence in block collection must be'],
    ['rules: []\nrules: []', '2:1', 'Map keys must be unique'],
    ['rules:\n  - do: drop', '2:5', 'rules[0] has no "name", but must have one'],
    ['rules:\n  - name: a', '2:5', 'rules[0] has no "do", but must say what is done'],
    ['rules:\n  - {name: Loud, do: drop}', '2:12', 'rules[0].name is "Loud", but must be 1 to 64 of a-z'],
    ['rules:\n  - {name: 7, do: drop}', '2:12', 'rules[0].name is 7, but must be'],
    [`rules:\n  - {name: ${'a'.repeat(65)}, do: drop}`, '2:12', 'but must be 1 to 64'],
    [
      'rules:\n  - {name: a, do: drop}\n  - {name: a, do: drop}',
      '3:12',
      'must be another name than that of a rule before',
    ],
    [rule('do: dorp'), '3:9', 'rules[0].do is "dorp", but must be drop, keep, or a mapping'],
    [rule('do: []'), '3:9', 'rules[0].do is a list, but must be drop, keep'],
    [rule('do: {}'), '3:9', 'rules[0].do is a mapping, but must be'],
    [rule('do: {__proto__: 1}'), '3:10', 'has the unknown key "__proto__"'],
    [rule('do: 5'), '3:9', 'rules[0].do is 5, but must be'],
    [rule('do: drop\n    whne: x'), '4:5', 'rules[0] has the unknown key "whne"; did you mean when?'],
    [rule('do: drop\n    zzz: x'), '4:5', 'has the unknown key "zzz"; must be one of name, when, of, do, then'],
    [rule('do: drop\n    of: log'), '4:9', 'rules[0].of is "log", but must be one of logs, spans, both'],
    [rule('do: drop\n    then: end'), '4:11', 'rules[0].then is "end", but must be one of next, stop'],
    [rule('do: drop\n    when: 5'), '4:11', 'rules[0].when is 5, but must be query text'],
    [rule('do: drop\n    when: level:loud'), '4:17', 'The value of level is "loud"'],
    [rule('do: drop\n    when: "level:loud"'), '4:18', 'The value of level is "loud"'],
    [rule('do: drop\n    when: a (b'), '4:15', 'a closing parenthesis'],
    [
      rule('do: drop\n    when: since:15m'),
      '4:11',
      'rules[0].when has "since:", but must not: a rule meets what arrives',
    ],
    [rule('do: drop\n    when: a OR -(b until:1h)'), '4:20', 'rules[0].when has "until:"'],
    [rule('do: {tag: 5}'), '3:15', 'rules[0].do.tag is 5, but must be a mapping of attributes'],
    [rule('do: {tag: {a: [1]}}'), '3:19', 'rules[0].do.tag.a is a list, but must be a text, a number, true or false'],
    [rule('do: {tag: {a: null}}'), '3:19', 'rules[0].do.tag.a is empty, but must be'],
    [rule('do: {level: loud}'), '3:17', 'rules[0].do.level is "loud", but must be one of trace, '],
    [rule('of: spans\n    do: {level: warn}'), '4:17', 'is for spans, but must be for logs: spans have no level'],
    [rule('do: {redact: iban}'), '3:18', 'rules[0].do.redact is "iban", but must be a list of keys'],
    [rule('do: {redact: [5]}'), '3:19', 'rules[0].do.redact[0] is 5, but must be an attribute key'],
    [rule('do: {redact: {body: false}}'), '3:18', 'hides nothing, but must have keys or body'],
    [rule('do: {redact: {body: 1}}'), '3:25', 'rules[0].do.redact.body is 1, but must be true or false'],
    [rule('do: {file: {}}'), '3:16', 'rules[0].do.file has no "path", but must have it'],
    [rule('do: {file: {path: a, format: xml}}'), '3:34', 'is "xml", but must be one of flat, otlp'],
    [rule('do: {file: {path: a, max_bytes: 64MB}}'), '3:37', 'is "64MB", but must be a size as 64MiB'],
    [rule('of: both\n    do: {file: {path: a}}'), '4:16', 'is for spans, and its format flat, but must be otlp'],
    [rule('do: {file: {path: a, max_files: 0}}'), '3:37', 'is 0, but must be a whole number from 1 to 1000'],
    [rule('do: {forward: {endpoint: "ftp://x"}}'), '3:31', 'but must be a URL with http: or https:'],
    [rule('do: {forward: {endpoint: "http://127.0.0.1:4318"}}'), '3:31', "is this backend's own address"],
    [rule('do: {forward: {endpoint: "http://localhost:4318/"}}'), '3:31', "is this backend's own address"],
    [rule('do: {forward: {endpoint: "http://a", headers: {"a b": c}}}'), '3:59', 'cannot be sent'],
    [
      rule('do: {forward: {endpoint: "http://a", headers: {k: "${UNSET_ONE}"}}}'),
      '3:55',
      '${UNSET_ONE} is not set in the environment',
    ],
    [rule('do: {exec: {options: {}}}'), '3:16', 'rules[0].do.exec has no "module", but must have it'],
    [rule('do: {exec: {module: a, options: 5}}'), '3:37', 'rules[0].do.exec.options is 5, but must be a mapping'],
    [rule('do: {exec: {module: a, batch: 0}}'), '3:35', 'is 0, but must be a whole number from 1 to 10000'],
    [rule('do: {exec: {module: a, every: soon}}'), '3:35', 'is "soon", but must be a time as 500ms'],
    [
      rule('do: {exec: {module: a, timeout: 1h}}'),
      '3:37',
      'is "1h", but must be a time as 500ms, 1s or 2m, at most 600s',
    ],
    [rule('do: {exec: {module: a, env: [NOT_THERE]}}'), '3:34', 'is "NOT_THERE", which is not set in the environment'],
  ])('%j', (text, place, message) => {
    const { problems } = readText(text, { ownHosts: ['127.0.0.1:4318'] })
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual([place])
    expect(problems[0]!.message).toContain(message)
  })

  test('all of it at once, in the order of the file', () => {
    const { problems } = readText(`rules:
  - name: A
    when: level:loud
    do: [dorp, {tag: 1}]
  - name: b
    doo: drop
`)
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual([
      '2:11',
      '3:17',
      '4:10',
      '4:22',
      '5:5',
      '6:5',
    ])
  })

  test('nor where something else should stand than a text', () => {
    const { problems } = readText(rule('do: {forward: {endpoint: "http://a", headers: "Bearer ${TEAM_KEY}"}}'))
    expect(problems.map(({ message }) => message)).toEqual([
      'rules[0].do.forward.headers, with what a variable holds, must be a mapping of headers',
    ])
  })

  test('a secret of the environment is not told', () => {
    const { problems } = readText(rule('do: {forward: {endpoint: "x${TEAM_KEY}", headers: {k: "\\u0001${TEAM_KEY}"}}}'))
    expect(problems).toHaveLength(2)
    expect(problems[1]!.message).not.toContain('k1')
  })
})
