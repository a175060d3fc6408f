/**
 * Provides the real servers of the stack's tests in .cache/servers: `node .ci/servers.mjs [NAME...]`.
 *
 * From ../shared/bin where that is (unpacked, checked against its sums); else otelcol and Loki are built from Go modules
 * (.ci/servers/), some minutes each. NATS and FerretDB (MongoDB's protocol) are programs of
 * Go modules, a minute each. Kafka is a folder of jars from Maven. Tempo is no Go module: only ../shared/bin has it.
 * What is there already is left alone. Exits 1 when one cannot be had (Tempo: when it was asked for by name), and says why.
 * Plain JavaScript without dependencies, on Node 20: it runs before anything is installed.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packed = join(root, '..', 'shared', 'bin')
const cache = join(root, '.cache', 'servers')
const recipes = join(root, '.ci', 'servers')

/** What both builds were run with. An older go fetches it, as the Go module that it is. */
const GO_VERSION = '1.26.5'
const OCB = 'go.opentelemetry.io/collector/cmd/builder@v0.158.0'

/** Each makes `partial` (a file, for Kafka a folder), of which a whole one becomes `.cache/servers/<name>`. */
const MAKERS = {
  otelcol: buildOtelcol,
  loki: buildLoki,
  tempo: refuseTempo,
  kafka: copyKafka,
  'nats-server': (partial, scratch) => installProgram('github.com/nats-io/nats-server/v2@v2.15.3', partial, scratch),
  // MongoDB itself cannot be had from Debian 12: this speaks its protocol, over a database of its own.
  ferretdb: buildFerretdb,
}

const PACKAGES = { go: 'golang-go', mvn: 'maven' }

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in MAKERS))
if (unknown.length > 0) fail(`unknown: ${unknown.join(' ')}; known: ${Object.keys(MAKERS).join(' ')}`)
for (const name of asked.length > 0 ? asked : Object.keys(MAKERS)) {
  try {
    provide(name)
  } catch (error) {
    say(`${name} cannot be had: ${error.message}`)
    // Without ../shared/bin nobody has Tempo: its tests are skipped then, and say so.
    if (name !== 'tempo' || asked.includes(name)) process.exitCode = 1
  }
}

function provide(name) {
  const target = join(cache, name)
  if (existsSync(target)) return
  mkdirSync(cache, { recursive: true })
  const from = performance.now()
  // Several processes may do this at the same time: each makes one of its own and renames it.
  const partial = `${target}.${process.pid}`
  const scratch = mkdtempSync(join(tmpdir(), `tracelog-${name}-`))
  try {
    const isPacked = existsSync(join(packed, `${name}.xz`))
    if (isPacked) unpack(name, partial)
    else MAKERS[name](partial, scratch)
    putInPlace(partial, target)
    say(`${name}: ${isPacked ? 'unpacked' : 'made'} in ${Math.round((performance.now() - from) / 1_000)} s`)
  } finally {
    for (const path of [partial, scratch]) rmSync(path, { recursive: true, force: true })
  }
}

function putInPlace(partial, target) {
  try {
    renameSync(partial, target)
  } catch (error) {
    // A folder does not replace one that another process has put there meanwhile.
    if (!existsSync(target)) throw error
  }
}

function unpack(name, partial) {
  const bytes = execFileSync('xz', ['-dc', join(packed, `${name}.xz`)], { maxBuffer: 2 ** 30 })
  const sum = createHash('sha256').update(bytes).digest('hex')
  const sums = readFileSync(join(packed, 'SHA256SUMS'), 'utf8').split('\n')
  if (!sums.some((line) => line.startsWith(sum) && line.trimEnd().endsWith(name)))
    throw new Error(`${name}.xz does not have the sum that SHA256SUMS names`)
  writeFileSync(partial, bytes, { mode: 0o755 })
}

function buildOtelcol(partial, scratch) {
  const env = goEnv(scratch)
  run('go', ['install', OCB], { env: { ...env, GOBIN: scratch } })
  cpSync(join(recipes, 'otelcol', 'manifest.yaml'), join(scratch, 'manifest.yaml'))
  run(join(scratch, 'builder'), ['--config', 'manifest.yaml'], { cwd: scratch, env })
  cpSync(join(scratch, 'build', 'otelcol'), partial)
}

/** `go install …@v3.7.8` is refused: Loki needs its own replace lines, which its go.mod here repeats. */
function buildLoki(partial, scratch) {
  cpSync(join(recipes, 'loki'), scratch, { recursive: true })
  const flags = ['-mod=readonly', '-tags', 'netgo', '-ldflags', '-s -w']
  run('go', ['build', ...flags, '-o', partial, 'github.com/grafana/loki/v3/cmd/loki'], {
    cwd: scratch,
    env: goEnv(scratch),
  })
}

function installProgram(module, partial, scratch) {
  const bin = join(scratch, 'bin')
  run('go', ['install', '-ldflags', '-s -w', module], { env: { ...goEnv(scratch), GOBIN: bin } })
  cpSync(join(bin, readdirSync(bin)[0]), partial)
}

/** `go install` makes one that ends at once: a file that its own build writes says which version it is. */
function buildFerretdb(partial, scratch) {
  const version = 'v1.24.2'
  const env = goEnv(scratch)
  const module = `github.com/FerretDB/FerretDB@${version}`
  const said = run('go', ['mod', 'download', '-json', module], { env })
  const source = join(scratch, 'ferretdb')
  cpSync(JSON.parse(said).Dir, source, { recursive: true })
  // Go keeps modules read-only: nothing could be put beside these files, and nobody but root could remove them again.
  run('chmod', ['-R', 'u+w', source], {})
  writeFileSync(join(source, 'build', 'version', 'version.txt'), `${version}\n`)
  run('go', ['build', '-mod=mod', '-ldflags', '-s -w', '-o', partial, './cmd/ferretdb'], { cwd: source, env })
}

function refuseTempo() {
  throw new Error(
    'it is built from its vendored source, which is no Go module; put tempo.xz and SHA256SUMS into ../shared/bin',
  )
}

function copyKafka(partial) {
  const pom = join(recipes, 'kafka', 'pom.xml')
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
  run('mvn', ['-q', '--batch-mode', '-f', pom, goal, `-DoutputDirectory=${partial}`], {})
}

/** The environment for a build with Go of at least GO_VERSION. */
function goEnv(scratch) {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(run('go', ['env', 'GOVERSION'], {})) ?? []
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: `go${GO_VERSION}+auto` }
  if (Number(major) > 1 || Number(minor) >= 21) return env
  const goRoot = fetchToolchain(scratch)
  return { ...env, GOTOOLCHAIN: 'local', GOROOT: goRoot, PATH: `${join(goRoot, 'bin')}${delimiter}${env.PATH}` }
}

/** Debian 12's go 1.19 knows no toolchains, but it fetches one like any module; only the mode bits are missing then. */
function fetchToolchain(scratch) {
  const folder = join(scratch, 'toolchain')
  mkdirSync(folder)
  writeFileSync(join(folder, 'go.mod'), 'module toolchain\n\ngo 1.19\n')
  const name = `golang.org/toolchain@v0.0.1-go${GO_VERSION}.linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
  const { Dir } = JSON.parse(run('go', ['mod', 'download', '-json', name], { cwd: folder }))
  for (const programs of [join(Dir, 'bin'), join(Dir, 'pkg', 'tool')])
    for (const file of readdirSync(programs, { recursive: true, withFileTypes: true }))
      if (file.isFile()) chmodSync(join(file.parentPath, file.name), 0o755)
  return Dir
}

/** @returns what it wrote to standard output */
function run(program, args, options) {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options })
  if (done.error?.code === 'ENOENT')
    throw new Error(`needs ${program}; to get it: apt-get install -y ${PACKAGES[program]}`)
  if (done.status === 0) return done.stdout
  const said = `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`.trimEnd().slice(-2_000)
  throw new Error(`${program} ${args.join(' ')} failed:\n${said}`)
}

function say(text) {
  process.stderr.write(`servers: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(2)
}
