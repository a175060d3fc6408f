// What the process has cost when the first line of the application runs: CPU of all its threads, modules of Node.
const { user, system } = process.cpuUsage()
const modules = process.moduleLoadList.length
require('node:fs').writeSync(1, JSON.stringify({ cpuMillis: (user + system) / 1000, modules }))
