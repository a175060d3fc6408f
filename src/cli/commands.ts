/**
 * The list of commands. Each module is imported when its command is called, so that none pays for another's start.
 */
import type { Command } from './command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<Command>
}

/** Commands under one word: `tracelog stack check`. */
export interface CommandGroup {
  readonly name: string
  readonly summary: string
  readonly commands: readonly CommandEntry[]
}

export const COMMANDS: readonly (CommandEntry | CommandGroup)[] = [
  {
    name: 'dev',
    summary: 'run the local backend: receives logs and traces, keeps them, shows them',
    load: async () => (await import('./dev.ts')).devCommand,
  },
  {
    name: 'run',
    summary: 'run a command with tracelog loaded into every Node process of it',
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'tail',
    summary: 'show log records as they arrive',
    load: async () => (await import('./tail.ts')).tailCommand,
  },
  {
    name: 'call',
    summary: 'make one HTTP request and show the lines that it causes on the server, while it runs',
    load: async () => (await import('./call.ts')).callCommand,
  },
  {
    name: 'trace',
    summary: 'show all that happened to one request, as a tree',
    load: async () => (await import('./trace.ts')).traceCommand,
  },
  {
    name: 'diff',
    summary: 'show what differs between two requests, one and a good one of its kind, or two runs',
    load: async () => (await import('./diff.ts')).diffCommand,
  },
  {
    name: 'tree',
    summary: 'show the tasks of one trace as a tree, and whether each was achieved',
    load: async () => (await import('./tree.ts')).treeCommand,
  },
  {
    name: 'top',
    summary: 'show requests by service and route: how many, how fast, how many failed',
    load: async () => (await import('./top.ts')).topCommand,
  },
  {
    name: 'query',
    summary: 'search the stored log records',
    load: async () => (await import('./query.ts')).queryCommand,
  },
  {
    name: 'histogram',
    summary: 'count records or requests over time',
    load: async () => (await import('./histogram.ts')).histogramCommand,
  },
  {
    name: 'facets',
    summary: 'count the values that some fields have',
    load: async () => (await import('./facets.ts')).facetsCommand,
  },
  {
    name: 'patterns',
    summary: 'list the kinds of messages, by how often each was written',
    load: async () => (await import('./patterns.ts')).patternsCommand,
  },
  {
    name: 'errors',
    summary: 'list what failed: errors of one type and place in the code are one',
    load: async () => (await import('./errors.ts')).errorsCommand,
  },
  {
    name: 'map',
    summary: 'show who calls whom: how often, how fast, and how often it fails',
    load: async () => (await import('./map.ts')).mapCommand,
  },
  {
    name: 'expect',
    summary: 'check the requests that match, for tests and CI',
    load: async () => (await import('./expect.ts')).expectCommand,
  },
  {
    name: 'runs',
    summary: 'list the runs of applications, the newest first',
    load: async () => (await import('./runs.ts')).runsCommand,
  },
  {
    name: 'clear',
    summary: 'let the local backend forget what it has, for tests',
    load: async () => (await import('./clear.ts')).clearCommand,
  },
  {
    name: 'fields',
    summary: 'list the keys that a query can name',
    load: async () => (await import('./fields.ts')).fieldsCommand,
  },
  {
    name: 'export',
    summary: 'write one trace, or the records that match a query, to a file',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'import',
    summary: 'send files of OTLP/JSON or flat lines to the backend, each file once',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'open',
    summary: 'look at files of records on the page, in a backend of their own',
    load: async () => (await import('./open.ts')).openCommand,
  },
  {
    name: 'grep',
    summary: 'search log files, as they are',
    load: async () => (await import('./grep.ts')).grepCommand,
  },
  {
    name: 'sql',
    summary: 'ask the stored logs and spans in SQL',
    load: async () => (await import('./sql.ts')).sqlCommand,
  },
  {
    name: 'flatten',
    summary: "turn the Collector's OTLP file into flat lines, one per record",
    load: async () => (await import('./flatten.ts')).flattenCommand,
  },
  {
    name: 'lb-spans',
    summary: "turn records of load balancers' hops into spans, beside a Collector",
    load: async () => (await import('./lb-spans.ts')).lbSpansCommand,
  },
  {
    name: 'level',
    summary: 'change the level of running processes, or show what was changed',
    load: async () => (await import('./level.ts')).levelCommand,
  },
  {
    name: 'rules',
    summary: "the local backend's rules (tracelog.yaml): check them, try them, see what they did",
    commands: [
      {
        name: 'check',
        summary: 'say all that is wrong in a file of rules',
        load: async () => (await import('./rules/check-command.ts')).rulesCheckCommand,
      },
      {
        name: 'test',
        summary: 'say for each flat line which rules it meets and what would be done',
        load: async () => (await import('./rules/test-command.ts')).rulesTestCommand,
      },
      {
        name: 'status',
        summary: 'show how many records met each rule of the running backend, and what was lost',
        load: async () => (await import('./rules/status-command.ts')).rulesStatusCommand,
      },
    ],
  },
  {
    name: 'mcp',
    summary: 'answer coding agents: the Model Context Protocol on standard input and output',
    load: async () => (await import('./mcp.ts')).mcpCommand,
  },
  {
    name: 'skill',
    summary: 'print how an agent works with the tools of tracelog mcp',
    load: async () => (await import('./skill.ts')).skillCommand,
  },
  {
    name: 'doctor',
    summary: 'check that what an application logs here will arrive',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'precompile',
    summary: 'write compiled code of tracelog beside it, for a shorter start of every process',
    load: async () => (await import('./precompile.ts')).precompileCommand,
  },
  {
    name: 'demo',
    summary: 'a load balancer, two API servers and a cache with traffic, to look at',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  {
    name: 'stack',
    summary: 'Collector, Loki, Tempo and Grafana with docker compose: write its files, start, check',
    commands: [
      {
        name: 'init',
        summary: 'write docker-compose.yml, collector/ and grafana/ into your project',
        load: async () => (await import('./stack/init-command.ts')).stackInitCommand,
      },
      {
        name: 'up',
        summary: 'start the stack with docker compose, and check that it works',
        load: async () => (await import('./stack/up-command.ts')).stackUpCommand,
      },
      {
        name: 'down',
        summary: 'stop the stack and remove its containers',
        load: async () => (await import('./stack/up-command.ts')).stackDownCommand,
      },
      {
        name: 'check',
        summary: 'send one record and one span by OTLP and look for them in Loki and Tempo',
        load: async () => (await import('./stack/check-command.ts')).stackCheckCommand,
      },
    ],
  },
]
