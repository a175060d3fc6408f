import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { recordOfFields } from '../../../src/model/flat-line-read.ts'
import { toFlatLine } from '../../../src/model/flat-line.ts'
import { createShapedLineReader } from '../../../src/model/line-shapes/read-line.ts'
import { parseTimestamp } from '../../../src/model/time.ts'

const NOW = Date.parse('2024-09-13T00:00:00Z')
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

function read(...lines: string[]) {
  const reader = createShapedLineReader(() => NOW)
  return [...lines.flatMap((line) => reader.read(line) ?? []), ...reader.end()]
}

/** Of this machine: what has no offset is local. */
function local(text: string): string {
  return `${new Date(text).toISOString().slice(0, 19)}${text.slice(19)}Z`
}

interface Case {
  readonly name: string
  readonly lines: readonly string[]
  readonly time?: string
  readonly level: string
  readonly message: string
  readonly service?: string
  readonly trace?: string
  readonly fields?: Readonly<Record<string, unknown>>
}

const CASES: readonly Case[] = [
  {
    name: 'pino',
    lines: [
      `{"level":40,"time":1726151722001,"pid":7,"hostname":"h","name":"shop","trace_id":"${TRACE}","span_id":"${SPAN}","trace_flags":"01","user":{"id":7},"msg":"slow"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    service: 'shop',
    trace: TRACE,
    fields: { 'user.id': 7, span_id: SPAN, trace_flags: '01' },
  },
  {
    name: 'pino with an error',
    lines: [
      String.raw`{"level":50,"time":1726151722001,"pid":7,"hostname":"h","err":{"type":"TypeError","message":"no cart","stack":"TypeError: no cart\n    at f (a.js:1:1)","code":"E1"},"msg":"no cart"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'no cart',
    fields: {
      error_type: 'TypeError',
      error_message: 'no cart',
      error_stack: 'TypeError: no cart\n    at f (a.js:1:1)',
      'err.code': 'E1',
    },
  },
  {
    name: 'bunyan',
    lines: [
      '{"name":"shop","hostname":"h","pid":7,"level":50,"err":{"message":"boom","name":"Error","stack":"Error: boom"},"msg":"boom","time":"2024-09-12T14:35:22.001Z","v":0}',
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'boom',
    service: 'shop',
    fields: { error_type: 'Error', v: 0 },
  },
  {
    name: 'winston json',
    lines: ['{"level":"warn","message":"slow","service":"shop","timestamp":"2024-09-12T14:35:22.001Z","id":"JOB-7"}'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    service: 'shop',
    fields: { id: 'JOB-7' },
  },
  {
    name: 'zap production',
    lines: [
      `{"level":"error","ts":1726151722.0012345,"logger":"db","caller":"db/db.go:42","msg":"query failed","error":"timeout","traceId":"${TRACE}","stacktrace":"main.main\\n\\t/db.go:42"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'query failed',
    trace: TRACE,
    fields: { logger: 'db', error_message: 'timeout', error_stack: 'main.main\n\t/db.go:42', caller: 'db/db.go:42' },
  },
  {
    name: 'zap for development',
    lines: ['2024-09-12T14:35:22.001+0200\tINFO\tshop/main.go:42\tstarted\t{"port": 80}'],
    time: '2024-09-12T12:35:22.001Z',
    level: 'INFO',
    message: 'shop/main.go:42\tstarted\t{"port": 80}',
  },
  {
    name: 'slog json',
    lines: ['{"time":"2024-09-12T14:35:22.001234567+02:00","level":"WARN+1","msg":"slow","took":5}'],
    time: '2024-09-12T12:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    fields: { took: 5, severity_text: 'WARN+1' },
  },
  {
    name: 'slog text',
    lines: ['time=2024-09-12T14:35:22.001+02:00 level=INFO msg="hello \\"world\\"" status=500 ok=true id=007'],
    time: '2024-09-12T12:35:22.001Z',
    level: 'INFO',
    message: 'hello "world"',
    fields: { status: 500, ok: true, id: '007' },
  },
  {
    name: 'logfmt',
    lines: [
      `ts=2024-09-12T14:35:22.001Z lvl=eror level=error msg=failed err="dial tcp: refused" service=shop traceID=${TRACE}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'failed',
    service: 'shop',
    trace: TRACE,
    fields: { error_message: 'dial tcp: refused' },
  },
  {
    name: 'zerolog',
    lines: ['{"level":"fatal","time":1726151722,"message":"gone","error":"EOF"}'],
    time: '2024-09-12T14:35:22.000Z',
    level: 'FATAL',
    message: 'gone',
    fields: { error_message: 'EOF' },
  },
  {
    name: 'logstash',
    lines: [
      String.raw`{"@timestamp":"2024-09-12T14:35:22.001Z","@version":"1","message":"it broke","logger_name":"c.a.Shop","thread_name":"main","level":"ERROR","stack_trace":"java.lang.X: no\n\tat A"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'it broke',
    fields: { logger: 'c.a.Shop', error_stack: 'java.lang.X: no\n\tat A', thread_name: 'main' },
  },
  {
    name: 'ECS',
    lines: [
      `{"@timestamp":"2024-09-12T14:35:22.001Z","log.level":"warn","message":"slow","service":{"name":"shop","version":"2"},"trace":{"id":"${TRACE}"}}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    service: 'shop',
    trace: TRACE,
  },
  {
    name: 'Google Cloud',
    lines: [
      `{"severity":"CRITICAL","time":"2024-09-12T14:35:22.001Z","message":"x","logging.googleapis.com/trace":"projects/p/traces/${TRACE}"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'FATAL',
    message: 'x',
    trace: TRACE,
  },
  {
    name: "docker's json-file with pino within",
    lines: [
      String.raw`{"log":"{\"level\":50,\"time\":1726151722001,\"msg\":\"no\"}\n","stream":"stdout","time":"2024-09-12T14:35:22.009000000Z"}`,
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'no',
    fields: { stream: 'stdout' },
  },
  {
    name: "docker's json-file with plain text in two pieces",
    lines: [
      '{"log":"first half, ","stream":"stderr","time":"2024-09-12T14:35:22.001000000Z"}',
      '{"log":"second half\\n","stream":"stderr","time":"2024-09-12T14:35:22.002000000Z"}',
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'INFO',
    message: 'first half, second half',
  },
  {
    name: 'CRI, whole and in pieces of two streams',
    lines: [
      '2024-09-12T14:35:22.001000000Z stdout P {"level":"warn","msg":"cut ',
      '2024-09-12T14:35:22.001500000Z stderr P lost',
      '2024-09-12T14:35:22.002000000Z stdout F in two"}',
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'cut in two',
  },
  {
    name: 'CRI of plain text',
    lines: ['2016-10-06T00:17:09.669794202Z stdout F The content'],
    time: '2016-10-06T00:17:09.669Z',
    level: 'INFO',
    message: 'The content',
  },
  {
    name: 'pm2 logs',
    lines: ['0|shop  | error: no cart'],
    level: 'ERROR',
    message: 'no cart',
    service: 'shop',
  },
  {
    name: 'the file of pm2 --time, with pino',
    lines: ['2024-09-12T14:35:22: {"level":30,"time":1726151722001,"msg":"hello"}'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'INFO',
    message: 'hello',
  },
  {
    name: 'the file of pm2 --time, with text',
    lines: ['2024-09-12T14:35:22: hello there'],
    time: local('2024-09-12T14:35:22.000'),
    level: 'INFO',
    message: 'hello there',
  },
  {
    name: 'docker compose',
    lines: ['web-1  | {"level":"error","msg":"no"}'],
    level: 'ERROR',
    message: 'no',
    service: 'web',
  },
  {
    name: 'kubectl logs --prefix --timestamps',
    lines: ['[pod/web-5d9/web] 2024-09-12T14:35:22.001000000Z level=warn msg=slow'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    service: 'web',
    fields: { 'k8s.pod.name': 'web-5d9' },
  },
  {
    name: 'log4j',
    lines: ['2024-09-12 14:35:22,001 [main] ERROR com.acme.Shop - it broke'],
    time: local('2024-09-12T14:35:22.001'),
    level: 'ERROR',
    message: '[main] ERROR com.acme.Shop - it broke',
  },
  {
    name: 'Spring Boot',
    lines: ['2024-09-12T14:35:22.001+02:00  WARN 12345 --- [shop] [main] c.a.Shop : slow'],
    time: '2024-09-12T12:35:22.001Z',
    level: 'WARN',
    message: '12345 --- [shop] [main] c.a.Shop : slow',
  },
  {
    name: "Python's logging",
    lines: ['2024-09-12 14:35:22,001 - shop - CRITICAL - gone'],
    time: local('2024-09-12T14:35:22.001'),
    level: 'FATAL',
    message: 'shop - CRITICAL - gone',
  },
  {
    name: 'winston printf',
    lines: ['2024-09-12T14:35:22.001Z [error]: no cart'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'no cart',
  },
  {
    name: 'winston simple, in colours',
    lines: ['\u001b[31merror\u001b[39m: no cart {"user":7}'],
    level: 'ERROR',
    message: 'no cart {"user":7}',
  },
  {
    name: "nginx' error log",
    lines: ['2024/09/12 14:35:22 [crit] 123#0: *1 connect() failed'],
    time: local('2024-09-12T14:35:22.000'),
    level: 'FATAL',
    message: '123#0: *1 connect() failed',
  },
  {
    name: 'PostgreSQL',
    lines: ['2024-09-12 14:35:22.001 UTC [123] ERROR:  relation "x" does not exist'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: '[123] ERROR:  relation "x" does not exist',
  },
  {
    name: 'env_logger',
    lines: ['[2024-09-12T14:35:22Z WARN  shop::db] slow'],
    time: '2024-09-12T14:35:22.000Z',
    level: 'WARN',
    message: 'shop::db] slow',
  },
  {
    name: 'syslog RFC 3164',
    lines: ['<11>Sep 12 14:35:22 web-1 shop[123]: no cart'],
    time: local('2024-09-12T14:35:22.000'),
    level: 'ERROR',
    message: 'no cart',
    service: 'shop',
    fields: { 'host.name': 'web-1', pid: 123 },
  },
  {
    name: '/var/log/syslog, of last year',
    lines: ['Dec 31 23:59:59 web-1 CRON[123]: (root) CMD (true)'],
    time: local('2023-12-31T23:59:59.000'),
    level: 'INFO',
    message: '(root) CMD (true)',
    service: 'CRON',
  },
  {
    name: "rsyslog's file with whole times",
    lines: ['2024-09-12T14:35:22.001234+02:00 web-1 systemd[1]: Started shop.'],
    time: '2024-09-12T12:35:22.001Z',
    level: 'INFO',
    message: 'Started shop.',
    service: 'systemd',
  },
  {
    name: 'syslog RFC 5424',
    lines: [
      String.raw`<164>1 2024-09-12T14:35:22.001Z web-1 shop 123 ID47 [ex@32473 iut="3" note="a \"b\] c"][t trace_id="x"] ` +
        '\ufeffslow',
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'WARN',
    message: 'slow',
    service: 'shop',
    trace: 'x',
    fields: { 'host.name': 'web-1', msgid: 'ID47', iut: '3', note: 'a "b] c' },
  },
  {
    name: 'journalctl -o json',
    lines: [
      '{"__REALTIME_TIMESTAMP":"1726151722001234","_HOSTNAME":"web-1","PRIORITY":"3","SYSLOG_IDENTIFIER":"shop","_PID":"123","MESSAGE":"no cart","__CURSOR":"s=1"}',
    ],
    time: '2024-09-12T14:35:22.001Z',
    level: 'ERROR',
    message: 'no cart',
    service: 'shop',
    fields: { pid: 123 },
  },
  {
    name: 'journalctl -o json, of bytes',
    lines: ['{"__REALTIME_TIMESTAMP":"1726151722001234","PRIORITY":"6","MESSAGE":[104,105]}'],
    time: '2024-09-12T14:35:22.001Z',
    level: 'INFO',
    message: 'hi',
  },
  {
    name: 'klog',
    lines: ['E0912 14:35:22.001234   12345 server.go:42] no node'],
    time: local('2024-09-12T14:35:22.001'),
    level: 'ERROR',
    message: 'no node',
    fields: { logger: 'server.go:42' },
  },
  {
    name: 'klog with pairs',
    lines: ['I0912 14:35:22.001234       1 server.go:42] "Pod status updated" pod="kube-system/dns" status="ready"'],
    time: local('2024-09-12T14:35:22.001'),
    level: 'INFO',
    message: 'Pod status updated',
    fields: { pod: 'kube-system/dns' },
  },
  { name: 'plain text', lines: ['Listening on port = 80'], level: 'INFO', message: 'Listening on port = 80' },
  { name: 'text behind NULs', lines: ['\0\0\0hello'], level: 'INFO', message: 'hello' },
  { name: 'half a JSON object', lines: ['{"level":50,"msg":"cut'], level: 'INFO', message: '{"level":50,"msg":"cut' },
  {
    name: 'a sentence about an error',
    lines: ['Error: connect ECONNREFUSED 127.0.0.1:80'],
    level: 'INFO',
    message: 'Error: connect ECONNREFUSED 127.0.0.1:80',
  },
]

describe('a line of another program', () => {
  test.each(CASES)('$name', ({ lines, time, level, message, service, trace, fields = {} }) => {
    const shaped = read(...lines)[0]!
    const { record, resource, scope } = recordOfFields(shaped.fields)
    const flat = JSON.parse(toFlatLine(record, resource, scope)) as Record<string, unknown>
    expect(record.timeUnixNano / 1_000_000n).toBe((parseTimestamp(time ?? '1970-01-01T00:00:00Z') ?? -1n) / 1_000_000n)
    expect(flat).toMatchObject({ level, message, ...fields })
    expect([flat['service'], flat['trace_id']]).toEqual([service, trace])
  })

  test('a piece whose rest never comes is a line at the end', () => {
    expect(read('2024-09-12T14:35:22.001Z stdout P half').map(({ fields }) => fields['message'])).toEqual(['half'])
  })

  test('one of ours has exactly the fields of its JSON', () => {
    const line = `{"timestamp":"2024-09-12T14:35:22.001Z","trace_id":"${TRACE}","service":"a","level":"INFO","msg":"m","ts":1726151722,"err":"e","status":"info"}`
    expect(read(line)).toEqual([{ fields: JSON.parse(line), text: line, isOwn: true, isPlain: false }])
  })

  test('no text is lost or thrown at, whatever it is', () => {
    const samples = CASES.flatMap(({ lines }) => lines)
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(), fc.string(), (line, from, to, other) => {
        const text = line.slice(0, from % line.length) + other + line.slice(to % line.length)
        const found = read(text)
        expect(found.length).toBe(text.replaceAll('\0', '').trim() === '' ? 0 : 1)
        recordOfFields(found[0]?.fields ?? {})
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([' ', 'a', '=', '"', '[', '] ', 'a=b ', 'a="', '-1 ', ': ', '\\', '\t', '2024-09-12T14:35:22 ', '1|a |'])(
    'takes time in proportion to its length: %j',
    (unit) => {
      const heads = ['', '<1>1 2024-09-12T14:35:22Z a b c d [', 'level=info ', '2024-09-12T14:35:22Z ', '{"log":"']
      const millis = (length: number): number => {
        const started = performance.now()
        for (const head of heads) read(head + unit.repeat(length / unit.length))
        return performance.now() - started
      }
      millis(20_000)
      expect(millis(800_000)).toBeLessThan(100 + 400 * Math.max(1, millis(20_000)))
    },
  )
})
