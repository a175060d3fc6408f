/**
 * Makes a fresh clone ready: the pinned Node, the locked dependencies; with --build dist/, with --libraries what the tests of
 * libraries use (test/libraries/), with --next the application of Next (test/apps/next-storefront, 341 MB), built.
 *
 * Runs before anything is installed, so: plain JavaScript, no dependency, works on Node 18. Does nothing when all is there.
 * npm under an old Node leaves out optional packages (native bindings) whose `engines` do not match, so the install
 * itself already runs under the pinned Node.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const isWindows = process.platform === 'win32'
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const nodeVersion = packageJson.devDependencies.node

if (!isInstalled(root)) install()
if (process.argv.includes('--build') && isStale()) build()
if (process.argv.includes('--libraries')) installLibraries()
if (process.argv.includes('--next')) buildNext()

function isInstalled(folder) {
  const stamp = stampFile(folder)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp(folder)
}

function noteInstalled(folder) {
  writeFileSync(stampFile(folder), wantedStamp(folder))
}

function stampFile(folder) {
  return join(folder, 'node_modules', '.tracelog-setup')
}

function wantedStamp(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .update(`${process.platform} ${process.arch} ${nodeVersion}`)
    .digest('hex')
}

/** Each set of versions is a package of its own: two versions of a library do not stand in one. */
function installLibraries() {
  for (const set of ['newest', 'between', 'oldest']) {
    installLocked(join(root, 'test', 'libraries', set), `the ${set} versions of the libraries that the tests use`)
  }
}

function buildNext() {
  const folder = join(root, 'test', 'apps', 'next-storefront')
  installLocked(folder, 'Next, for the application of test/apps that uses it')
  if (existsSync(join(folder, '.next', 'BUILD_ID'))) return
  step('building the application of Next')
  runNpm(bootstrapNode(), ['run', 'build'], folder)
}

function installLocked(folder, what) {
  if (isInstalled(folder)) return
  step(`installing ${what}`)
  runNpm(bootstrapNode(), ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'], folder)
  noteInstalled(folder)
}

function install() {
  const node = bootstrapNode()
  step('installing the locked dependencies, about half a minute')
  // Not `npm ci`: it refuses the whole lockfile where a mirror of the registry lacks the newest native binding of some
  // *other* platform. `install` takes the same locked versions, and `--no-save` leaves the lockfile as it is.
  runNpm(node, ['install', '--no-save', '--no-audit', '--no-fund'])
  const pinned = join(root, 'node_modules', '.bin', isWindows ? 'node.cmd' : 'node')
  const found = spawnSync(pinned, ['--version'], { encoding: 'utf8', shell: isWindows })
  if (found.stdout?.trim() !== `v${nodeVersion}`) {
    fail(
      `node_modules/.bin/node is ${found.stdout?.trim() || 'missing'}, but must be v${nodeVersion}.\n` +
        `The install script of the package "node" did not run: allow it (npm 12: "allowScripts" in package.json; ` +
        `else: npm config set ignore-scripts false) and try again.`,
    )
  }
  noteInstalled(root)
}

/** The pinned Node as its platform package (no install script), kept in .cache; the running one when it is that version. */
function bootstrapNode() {
  if (process.versions.node === nodeVersion) return process.execPath
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const folder = join(root, '.cache', 'nodes', nodeVersion)
  const binary = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node')
  if (existsSync(binary)) return binary
  step(`fetching Node ${nodeVersion} (this one is ${process.versions.node})`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  runNpm(process.execPath, ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${nodeVersion}`], folder)
  return binary
}

function runNpm(node, args, cwd = root) {
  const npmCli = process.env.npm_execpath
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  // npm hands its own settings down as variables; --omit or --ignore-scripts of the outer call are not meant for us.
  for (const name of ['npm_config_omit', 'npm_config_ignore_scripts', 'npm_config_global', 'NODE_OPTIONS'])
    delete env[name]
  const isCli = npmCli !== undefined && /npm-cli\.c?js$/.test(npmCli)
  const done = isCli
    ? spawnSync(node, [npmCli, ...args], { cwd, env, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd, env, encoding: 'utf8', shell: isWindows })
  if (done.status !== 0) fail(`npm ${args.join(' ')} failed:\n${done.stdout ?? ''}\n${done.stderr ?? done.error ?? ''}`)
}

/** Whether a source is newer than dist/. */
function isStale() {
  const built = join(root, 'dist', 'register.cjs')
  if (!existsSync(built)) return true
  const builtAt = statSync(built).mtimeMs
  return ['src', '.ci', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].some(
    (name) => newest(join(root, name)) > builtAt,
  )
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function build() {
  step('building dist/')
  const node = join(root, 'node_modules', '.bin', isWindows ? 'node.cmd' : 'node')
  const done = spawnSync(node, [join('.ci', 'build.mjs')], { cwd: root, stdio: 'inherit', shell: isWindows })
  if (done.status !== 0) fail('the build failed (above)')
}

function step(text) {
  process.stderr.write(`setup: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`setup: ${text}\n`)
  process.exit(1)
}
