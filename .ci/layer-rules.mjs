/**
 * Writes .oxlintrc.json: who may import whom (src/ARCHITECTURE.md, the table), as lint rules.
 *
 * The table below is the one place where the rules are stated; test/layers.test.ts holds a canary per folder.
 * Run: node .ci/layer-rules.mjs
 */
import { readdirSync, writeFileSync } from 'node:fs'

const APPLICATION = [
  'model',
  'diag',
  'segments',
  'context',
  'capture',
  'tasks',
  'record',
  'process',
  'export',
  'config',
  'app',
  'returning',
]
const TOP = [...APPLICATION, 'query-text', 'tree', 'testing', 'client', 'backend', 'sources', 'mcp', 'cli', 'demo']
const BACKEND = ['contract', 'receive', 'journal', 'store', 'query', 'rules', 'show', 'ui']

/** folder -> what it may import beside itself. `types` may be imported as types only. */
export const LAYERS = {
  model: { may: [], noNode: true },
  diag: { may: ['model'] },
  segments: { may: ['model', 'diag'] },
  context: { may: ['model', 'diag'] },
  record: { may: ['model', 'diag', 'context'] },
  capture: { may: ['model', 'diag', 'context', 'record'] },
  tasks: { may: ['model', 'diag', 'context', 'record'] },
  process: { may: ['model', 'diag', 'context'] },
  returning: { may: ['model', 'diag'] },
  export: { may: ['model', 'diag', 'segments'] },
  config: {
    may: ['model', 'diag'],
    types: ['segments', 'capture', 'process', 'export', 'record', 'context', 'backend'],
  },
  app: { may: APPLICATION },
  'query-text': { may: ['model', 'diag'], noNode: true },
  tree: { may: ['model'], noNode: true },
  testing: { may: ['model', 'tree'] },
  client: { may: [], noNode: true },
  sources: { may: ['model', 'diag', 'query-text', 'tree'] },
  mcp: { may: ['model', 'diag', 'sources', 'query-text', 'tree'] },
  cli: {
    may: ['model', 'diag', 'config', 'tree', 'sources', 'mcp', 'export', 'demo', 'client', 'returning'],
    alsoBackendStart: true,
  },
  demo: { may: [] },
}
export const BACKEND_LAYERS = {
  contract: { may: [], top: [] },
  receive: { may: ['contract'], top: ['model', 'diag'] },
  journal: { may: [], top: ['model', 'diag', 'segments'] },
  store: { may: [], top: ['model', 'diag'] },
  query: { may: ['store'], top: ['model', 'diag', 'query-text', 'tree'] },
  rules: { may: [], top: ['model', 'diag', 'query-text', 'export'] },
  show: { may: ['contract', 'query'], top: ['model', 'diag', 'tree'] },
  ui: { may: [], top: ['model', 'query-text', 'tree'], noNode: true },
}

/** What puts the backend together: lines for callers are redacted and told by the code that applications have. */
const BACKEND_START = ['model', 'diag', 'segments', 'config', 'process', 'returning']

/** What a command may start of the backend; the files beside them are its own affair. */
const STARTED = ['start', 'hop-spans', 'rules']
const INNER_BACKEND = readdirSync(new URL('../src/backend', import.meta.url))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .filter((name) => !STARTED.includes(name))

const up = (names) => `^(?:\\.\\./)+(?:${names.join('|')})(?:/|\\.ts$)`

function restricted(regexes, message) {
  return { 'no-restricted-imports': ['error', { patterns: regexes.map((r) => ({ ...r, message })) }] }
}

function overrideOf(folder, { may, types = [], noNode, alsoBackendStart }) {
  const allowed = new Set([folder, ...may])
  const message = `${folder}/ may import only: ${may.join(', ') || 'nothing'}. See src/ARCHITECTURE.md.`
  const forbidden = TOP.filter(
    (name) => !allowed.has(name) && !types.includes(name) && !(alsoBackendStart && name === 'backend'),
  )
  const regexes = [{ regex: up(forbidden) }]
  if (types.length > 0) regexes.push({ regex: up(types), allowTypeImports: true })
  if (alsoBackendStart)
    regexes.push({ regex: `^(?:\\.\\./)+backend/(?:[a-z-]+/|(?:${INNER_BACKEND.join('|')})\\.ts$)` })
  if (noNode) regexes.push({ regex: '^node:' }, { regex: '^@opentelemetry/' })
  return { files: [`src/${folder}/**/*.ts`], rules: restricted(regexes, message) }
}

function backendOverrideOf(folder, { may, top, noNode }) {
  const message = `backend/${folder}/ may import only: ${[...top, ...may].join(', ')}. See src/ARCHITECTURE.md.`
  const siblings = BACKEND.filter((name) => name !== folder && !may.includes(name))
  const regexes = [
    { regex: up(siblings) },
    { regex: up(TOP.filter((name) => !top.includes(name))) },
    { regex: '^(?:\\.\\./)+start\\.ts$' },
  ]
  if (noNode) regexes.push({ regex: '^node:' }, { regex: '^@opentelemetry/' })
  return { files: [`src/backend/${folder}/**/*.{ts,tsx}`], rules: restricted(regexes, message) }
}

const config = {
  $schema: './node_modules/oxlint/configuration_schema.json',
  plugins: ['import', 'node', 'typescript', 'unicorn', 'jsdoc', 'promise', 'vitest'],
  categories: { correctness: 'error', suspicious: 'warn' },
  ignorePatterns: ['node_modules', 'dist', 'test/fixtures', 'test/libraries', 'test/apps/*/**'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'node/no-process-env': 'error',
    'no-console': 'error',
    'unicorn/no-process-exit': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'import/no-default-export': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
    complexity: ['warn', { max: 20 }],
    'max-params': ['warn', { max: 4 }],
    // Libraries that we instrument have no types for the parts we touch; JSON has none at all.
    'typescript/no-unsafe-type-assertion': 'off',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*', 'fc.assert', 'assert*'] }],
    // For windows of a browser; workers have no origin.
    'unicorn/require-post-message-target-origin': 'off',
    'promise/always-return': 'off',
    // Names with a leading underscore are the SDK's and Node's own; we read a few of them.
    'no-underscore-dangle': 'off',
  },
  overrides: [
    ...Object.entries(LAYERS).map(([folder, layer]) => overrideOf(folder, layer)),
    ...Object.entries(BACKEND_LAYERS).map(([folder, layer]) => backendOverrideOf(folder, layer)),
    {
      files: ['src/backend/*.ts'],
      rules: restricted(
        [{ regex: up(TOP.filter((name) => !BACKEND_START.includes(name))) }],
        `backend/start may import only: ${BACKEND_START.join(', ')}, backend/*. See src/ARCHITECTURE.md.`,
      ),
    },
    {
      files: ['src/config/env.ts', 'src/cli/**/*.ts', 'src/cli.ts', 'src/demo/**', 'test/**', '.ci/**'],
      rules: { 'node/no-process-env': 'off' },
    },
    {
      files: ['src/cli/**/*.ts', 'src/cli.ts', 'src/demo/**', 'test/**', '.ci/**'],
      rules: { 'no-console': 'off', 'unicorn/no-process-exit': 'off' },
    },
    {
      // Builders of Grafana's SDK have methods of this name: no arrays.
      files: ['grafana/src/**'],
      rules: { 'unicorn/no-array-sort': 'off' },
    },
    {
      // Named after the variable, letter by letter.
      files: ['test/env/**'],
      rules: { 'unicorn/filename-case': 'off' },
    },
    {
      files: ['test/support/**'],
      rules: { 'vitest/no-conditional-tests': 'off', 'vitest/expect-expect': 'off', 'vitest/no-disabled-tests': 'off' },
    },
    {
      files: ['test/**', '.ci/**'],
      rules: {
        'max-lines-per-function': 'off',
        'max-lines': 'off',
        'import/no-default-export': 'off',
        // Helpers of a test file hold expectations, and messages for tables of cases.
        'vitest/no-standalone-expect': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
        'unicorn/consistent-function-scoping': 'off',
        'typescript/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      },
    },
  ],
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL('../.oxlintrc.json', import.meta.url), `${JSON.stringify(config, null, 2)}\n`)
}
