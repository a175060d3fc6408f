/** What all dashboards of ours have in common. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Dashboard,
  type Panel,
  type RowPanel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'

import { dashboardMenu } from './links.ts'
import { TAG } from './names.ts'

export interface DashboardOptions {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly Builder<VariableModel>[]
  readonly panels: readonly Builder<Panel>[]
}

/** The panels from left to right, in rows of 24 columns. */
export function dashboard(options: DashboardOptions): Dashboard {
  const { uid, title, description, variables, panels } = options
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(dashboardMenu())
    .variables([...variables])
  for (const panel of panels) builder.withPanel(panel)
  const built = builder.build()
  return { ...built, panels: built.panels?.map(numbered) ?? [] }
}

/** Links and alert rules name a panel by its number. */
function numbered(panel: Panel | RowPanel, place: number): Panel | RowPanel {
  return { ...panel, id: place + 1 }
}
