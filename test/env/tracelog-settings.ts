/** Our own variables, as far as the application reads them. */
import { fileURLToPath } from 'node:url'

import { ANY_COUNT, ON_OFF, type Setting } from './setting.ts'

const PEERS_RULE = 'a comma list of host names, addresses and CIDR ranges, as api.internal,10.0.0.0/8'
const LEVELS_RULE =
  'one of trace, silly, debug, verbose, http, info, notice, warn, warning, error, crit, critical, fatal, alert, emerg, off, a number from 1 to 24, or a list as info,db=debug,http=warn'

/** A variable that is on or off. */
function onOff(name: string, isOnByDefault: boolean, { of, seenIn }: Pick<Setting, 'of' | 'seenIn'>): Setting {
  const values: Setting['values'] = [
    [undefined, isOnByDefault],
    ['on', true],
    ['OFF', false],
  ]
  return { name, of, values, wrong: ['yes', ON_OFF], seenIn }
}

/** A variable with some words to choose from; the first is the default. */
function choice(name: string, words: readonly string[], { of, seenIn }: Pick<Setting, 'of' | 'seenIn'>): Setting {
  const values: Setting['values'] = [[undefined, words[0]], ...words.map((word) => [word, word] as const)]
  return { name, of, values, wrong: ['other', `one of ${words.join(', ')}`], seenIn }
}

const FILE: readonly Setting[] = [
  {
    name: 'TRACELOG_FILE',
    of: ({ destinations }) => [destinations.file, destinations.logs.file, destinations.logs.otlp],
    values: [
      [undefined, [undefined, false, true]],
      ['x', [{ path: 'x', format: 'flat', line: 'full', maxBytes: 67_108_864, maxFiles: 5 }, true, true]],
    ],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'TRACELOG_FILE_FORMAT',
    of: (config) => config.destinations.file?.format,
    beside: { TRACELOG_FILE: 'x' },
    values: [
      ['flat', 'flat'],
      ['otlp', 'otlp'],
    ],
    wrong: ['csv', 'one of flat, otlp'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'TRACELOG_LINE',
    of: (config) => config.destinations.file?.line,
    beside: { TRACELOG_FILE: 'x' },
    values: [
      ['full', 'full'],
      ['minimal', 'minimal'],
    ],
    wrong: ['short', 'one of full, minimal'],
    seenIn: 'app/destinations.test.ts',
  },
  {
    name: 'TRACELOG_FILE_MAX_BYTES',
    of: (config) => config.destinations.file?.maxBytes,
    beside: { TRACELOG_FILE: 'x' },
    values: [['4096', 4096]],
    wrong: ['1', 'a whole number from 1024 to 9007199254740991'],
    seenIn: 'env/file.test.ts',
  },
  {
    name: 'TRACELOG_FILE_MAX_FILES',
    of: (config) => config.destinations.file?.maxFiles,
    beside: { TRACELOG_FILE: 'x' },
    values: [['2', 2]],
    wrong: ['0', 'a whole number from 1 to 1000'],
    seenIn: 'env/file.test.ts',
  },
]

const HOPS: readonly Setting[] = [
  {
    name: 'TRACELOG_COMPONENT',
    of: (config) => config.hops.component,
    values: [
      [undefined, undefined],
      ['load_balancer', 'load_balancer'],
    ],
    wrong: ['proxy', 'one of load_balancer, http_server, cache, client, app'],
    seenIn: 'env/requests.test.ts',
  },
  choice('TRACELOG_HTTP_ENGINE', ['channels', 'otel'], {
    of: (config) => config.hops.httpEngine,
    seenIn: 'contract/http-engine.contract.ts',
  }),
  {
    name: 'TRACELOG_IGNORE_PATHS',
    of: (config) => config.hops.ignorePaths,
    values: [
      [undefined, ['/health*', '/healthz', '/ready*', '/livez', '/metrics']],
      ['/up, /internal/*', ['/up', '/internal/*']],
    ],
    seenIn: 'env/requests.test.ts',
  },
  choice('TRACELOG_ACCESS', ['on', 'off', 'errors'], {
    of: (config) => config.hops.access,
    seenIn: 'env/requests.test.ts',
  }),
  {
    name: 'TRACELOG_CACHE_LEVEL',
    of: (config) => config.hops.cacheLevel,
    values: [
      [undefined, 'info'],
      ['debug', 'debug'],
    ],
    wrong: ['warn', 'one of trace, debug, verbose, info, off'],
    seenIn: 'env/caches.test.ts',
  },
  {
    name: 'TRACELOG_CACHE_SPANS',
    of: (config) => config.hops.cacheSpans,
    values: [
      [undefined, 'slow'],
      ['all', 'all'],
    ],
    wrong: ['some', 'one of all, slow, off'],
    seenIn: 'env/caches.test.ts',
  },
  choice('TRACELOG_CACHE_KEYS', ['off', 'pattern'], {
    of: (config) => config.hops.cacheKeys,
    seenIn: 'env/caches.test.ts',
  }),
  onOff('TRACELOG_CACHE_STATUS', true, {
    of: (config) => config.hops.sendsCacheStatus,
    seenIn: 'env/caches.test.ts',
  }),
  choice('TRACELOG_RESPONSE_CONTEXT', ['trusted', 'on', 'off'], {
    of: (config) => config.hops.responseContext,
    seenIn: 'env/requests.test.ts',
  }),
  onOff('TRACELOG_REQUEST_PATH', false, {
    of: (config) => config.hops.keepsRequestPath,
    seenIn: 'app/request-path.test.ts',
  }),
  {
    name: 'TRACELOG_TRUSTED_PEERS',
    of: (config) => config.hops.trustedPeers,
    values: [
      [undefined, ['loopback']],
      ['10.0.0.0/8, api.internal', ['10.0.0.0/8', 'api.internal']],
    ],
    wrong: ['10.0.0.0/64', PEERS_RULE],
    seenIn: 'app/request-path.test.ts',
  },
  {
    name: 'TRACELOG_PROPAGATE_TO',
    of: (config) => config.hops.propagateTo,
    values: [
      [undefined, 'all'],
      ['trusted', 'trusted'],
      ['api.internal', ['api.internal']],
    ],
    wrong: ['http://x', PEERS_RULE],
    seenIn: 'env/propagation.test.ts',
  },
  onOff('TRACELOG_LOGS_FOLLOW_SAMPLING', false, {
    of: (config) => config.hops.logsFollowSampling,
    seenIn: 'env/sampling.test.ts',
  }),
]

const RECORDS: readonly Setting[] = [
  {
    name: 'TRACELOG_LEVEL',
    of: (config) => config.levels.environment,
    values: [
      [undefined, undefined],
      ['warn', { severity: 13, scopes: [] }],
      ['off', { severity: 25, scopes: [] }],
      ['17', { severity: 17, scopes: [] }],
      [
        'info,db=debug,http=warn',
        {
          severity: 9,
          scopes: [
            { prefix: 'db', severity: 5 },
            { prefix: 'http', severity: 13 },
          ],
        },
      ],
    ],
    wrong: ['loud', LEVELS_RULE],
    seenIn: 'app/preload.test.ts',
  },
  onOff('TRACELOG_CONSOLE', true, {
    of: (config) => config.capturesConsole,
    seenIn: 'capture/loggers/preload.test.ts',
  }),
  onOff('TRACELOG_CAPTURE_STDIO', false, {
    of: (config) => config.capturesStdio,
    seenIn: 'capture/stdio.test.ts',
  }),
  {
    name: 'TRACELOG_CAPTURED_BY',
    of: (config) => config.capturedBy,
    values: [
      [undefined, undefined],
      ['/tmp/run/captured', '/tmp/run/captured'],
    ],
    seenIn: 'cli/run-capture-stdio.test.ts',
  },
  onOff('TRACELOG_BUNYAN_ALL', false, {
    of: (config) => config.hearsAllOfBunyan,
    seenIn: 'capture/loggers/bunyan/bunyan.test.ts',
  }),
  onOff('TRACELOG_WINSTON_GATE', true, {
    of: (config) => config.gatesWinston,
    seenIn: 'env/instrumentations.test.ts',
  }),
  onOff('TRACELOG_RECORD_UID', false, {
    of: (config) => config.addsRecordUid,
    seenIn: 'app/destinations.test.ts',
  }),
  onOff('TRACELOG_REDACT', true, {
    of: (config) => config.redaction.isOn,
    seenIn: 'env/redaction.test.ts',
  }),
  {
    name: 'TRACELOG_REDACT_KEYS',
    of: ({ redaction }) => [redaction.addedKeys, redaction.removedKeys],
    values: [['+iban,-session', [['iban'], ['session']]]],
    wrong: ['iban', 'a comma list of +key (also hide) and -key (do not hide)'],
    seenIn: 'env/redaction.test.ts',
  },
  {
    name: 'TRACELOG_REDACT_PATTERNS',
    of: ({ redaction }) => redaction.patterns.map(String),
    values: [['a{1,3}\nb+', ['/a{1,3}/gu', '/b+/gu']]],
    wrong: ['(', 'regular expressions, one per line', '[line 1]'],
    seenIn: 'env/redaction.test.ts',
  },
]

const IN_SPOOL = { TRACELOG_SPOOL_DIR: '/var/spool/app' }

const SPOOL: readonly Setting[] = [
  {
    name: 'TRACELOG_SPOOL_DIR',
    of: (config) => config.spool?.directory,
    values: [
      [undefined, undefined],
      ['/var/spool/app', '/var/spool/app'],
    ],
    seenIn: 'env/spool.test.ts',
  },
  {
    name: 'TRACELOG_SPOOL',
    of: (config) => config.spool && { isSync: config.spool.isSync },
    values: [
      [undefined, { isSync: false }],
      ['off', undefined],
      ['batched', { isSync: false }],
      ['sync', { isSync: true }],
    ],
    wrong: ['on', 'one of off, batched, sync'],
    beside: IN_SPOOL,
    seenIn: 'env/spool.test.ts',
  },
  {
    name: 'TRACELOG_SPOOL_MAX_BYTES',
    of: (config) => config.spool?.maxBytes,
    values: [
      [undefined, 268_435_456],
      ['16777216', 16_777_216],
    ],
    wrong: ['256MiB', ANY_COUNT.replace('from 0', 'from 16777216')],
    beside: IN_SPOOL,
    seenIn: 'scorecard/05-spool-cap.test.ts',
  },
  {
    name: 'TRACELOG_SPOOL_FSYNC',
    of: (config) => config.spool?.fsync,
    values: [
      [undefined, 'interval'],
      ['each', 'each'],
      ['interval', 'interval'],
      ['off', 'off'],
    ],
    wrong: ['always', 'one of each, interval, off'],
    beside: IN_SPOOL,
    seenIn: 'env/spool.test.ts',
  },
]

const RETURN_KEY = 'k'.repeat(32)
const KEY_RULE = 'one key, or two with a comma between, of at least 32 bytes each'
const RETURNING = { TRACELOG_RETURN: 'on' }
const RETURN_SEEN_IN = 'app/return-handler.test.ts'

const RETURN: readonly Setting[] = [
  onOff('TRACELOG_RETURN', false, { of: (config) => config.returning !== undefined, seenIn: RETURN_SEEN_IN }),
  {
    name: 'TRACELOG_RETURN_KEY',
    of: (config) => config.returning?.keys,
    values: [
      [undefined, []],
      [RETURN_KEY, [RETURN_KEY]],
      [`${RETURN_KEY}, ${RETURN_KEY}2`, [RETURN_KEY, `${RETURN_KEY}2`]],
    ],
    wrong: ['short', KEY_RULE, '[redacted]'],
    beside: RETURNING,
    seenIn: RETURN_SEEN_IN,
  },
  {
    name: 'TRACELOG_RETURN_KEY_FILE',
    of: (config) => config.returning?.keys[0]?.length,
    values: [
      [undefined, undefined],
      [fileURLToPath(new URL('../fixtures/returning/key.txt', import.meta.url)), 46],
    ],
    wrong: ['/nowhere/key', `a file that can be read, with ${KEY_RULE}`],
    beside: RETURNING,
    seenIn: RETURN_SEEN_IN,
  },
  {
    name: 'TRACELOG_RETURN_PUBLIC',
    of: (config) => config.returning?.publicLoggers,
    values: [
      [undefined, []],
      ['shop.public, audit', ['shop.public', 'audit']],
    ],
    beside: RETURNING,
    seenIn: RETURN_SEEN_IN,
  },
]

export const TRACELOG_SETTINGS: readonly Setting[] = [
  ...FILE,
  ...SPOOL,
  ...HOPS,
  ...RECORDS,
  ...RETURN,
  choice('TRACELOG_CONSOLE_FORMAT', ['text', 'json'], {
    of: (config) => config.destinations.consoleFormat,
    seenIn: 'env/file.test.ts',
  }),
  {
    name: 'TRACELOG_QUEUE_MAX_BYTES',
    of: (config) => config.queueMaxBytes,
    values: [
      [undefined, 33_554_432],
      ['1000000', 1_000_000],
    ],
    wrong: ['1MB', ANY_COUNT.replace('from 0', 'from 65536')],
    seenIn: 'env/batches.test.ts',
  },
  onOff('TRACELOG_WORKER', true, { of: (config) => config.usesWorker, seenIn: 'app/preload.test.ts' }),
  {
    name: 'TRACELOG_DEBUG',
    of: (config) => config.isDebug,
    values: [
      [undefined, false],
      ['1', true],
    ],
    seenIn: 'app/preload.test.ts',
  },
]
