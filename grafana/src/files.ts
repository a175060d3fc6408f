/** Every file of grafana/ that is built: path below grafana/ -> text. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { applicationRules } from './alerts/applications.ts'
import { pipelineRules } from './alerts/pipeline.ts'
import { prometheusRules } from './alerts/prometheus.ts'
import type { ProvisionedRule } from './alerts/rule.ts'
import { cache } from './dashboards/cache.ts'
import { errors } from './dashboards/errors.ts'
import { followOneRequest } from './dashboards/follow-one-request.ts'
import { loadBalancer } from './dashboards/load-balancer.ts'
import { pipelineHealth } from './dashboards/pipeline-health.ts'
import { pipelineMetrics } from './dashboards/pipeline-metrics.ts'
import { services } from './dashboards/services.ts'
import { dataSources } from './data-sources.ts'
import { DASHBOARD_PATHS, FOLDER } from './names.ts'
import { dollarsDoubled, provisioningText } from './provisioning-text.ts'

/** Folders that hold nothing else. `-metrics`: only with compose.metrics.yaml. */
export const BUILT_FOLDERS = ['dashboards', 'dashboards-metrics', 'provisioning', 'provisioning-metrics'] as const

export function builtFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...dashboardFiles('dashboards', [
      followOneRequest(),
      services(),
      cache(),
      loadBalancer(),
      errors(),
      pipelineHealth(),
    ]),
    ...dashboardFiles('dashboards-metrics', [pipelineMetrics()]),
    ...provisioningFiles('provisioning', false),
    ...provisioningFiles('provisioning-metrics', true),
  ])
}

function dashboardFiles(folder: string, dashboards: readonly Dashboard[]): [string, string][] {
  return dashboards.map((dashboard) => [`${folder}/${fileName(dashboard)}`, jsonText(dashboard)])
}

/** A whole folder each: compose.metrics.yaml mounts the one in place of the other. */
function provisioningFiles(folder: string, hasPrometheus: boolean): [string, string][] {
  return [
    [`${folder}/datasources/tracelog.yaml`, dataSourcesText(hasPrometheus)],
    [`${folder}/dashboards/tracelog.yaml`, providersText(hasPrometheus)],
    [`${folder}/alerting/tracelog.yaml`, alertingText(hasPrometheus)],
  ]
}

function fileName({ uid = '' }: Dashboard): string {
  return `${uid.replace(/^tracelog-/, '')}.json`
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function dataSourcesText(hasPrometheus: boolean): string {
  const what = hasPrometheus ? 'Loki, Tempo and Prometheus, linked.' : 'Loki and Tempo, linked both ways.'
  const where = "Their addresses are variables of Grafana's environment; compose sets them."
  return provisioningText([what, where], dollarsDoubled(dataSources(hasPrometheus)))
}

function providersText(hasPrometheus: boolean): string {
  const paths = hasPrometheus ? Object.values(DASHBOARD_PATHS) : [DASHBOARD_PATHS.always]
  const providers = paths.map((path) => ({
    name: path.replace('/etc/grafana/', 'tracelog-'),
    // By its title alone: alert rules can name a folder only so, and a uid here would make a second one of that title.
    folder: FOLDER,
    type: 'file',
    disableDeletion: false,
    allowUiUpdates: false,
    updateIntervalSeconds: 30,
    options: { path, foldersFromFilesStructure: false },
  }))
  return provisioningText([`Dashboards: the files of ${paths.join(' and ')}.`], { apiVersion: 1, providers })
}

/** All rules of a group are evaluated together, once a minute. */
function alertingText(hasPrometheus: boolean): string {
  const rules: Record<string, readonly ProvisionedRule[]> = {
    applications: applicationRules(),
    pipeline: pipelineRules(),
    ...(hasPrometheus ? { metrics: prometheusRules() } : {}),
  }
  const groups = Object.entries(rules).map(([name, those]) => ({
    orgId: 1,
    name: `tracelog-${name}`,
    folder: FOLDER,
    interval: '1m',
    rules: those,
  }))
  const what = hasPrometheus ? 'Alert rules on Loki and Prometheus.' : 'Alert rules on Loki.'
  return provisioningText([what], { apiVersion: 1, groups })
}
