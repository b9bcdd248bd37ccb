{#
  Plans on the days on which something of them may change, as known on that day: who composed the plan, since when it is presented, which
  version is in force, when it was last worked on, and from when it is closed. The value itself is in int_plan_spans__open.
#}
with

versions as (
    select * from {{ ref('fct_plans__known') }}
),

items as (
    select * from {{ ref('fct_plan_items__known') }}
),

works as (
    select * from {{ ref('fct_plan_works__known') }}
),

changes as (
    {%- for relation, day in [
        ('versions', 'presented_on'), ('versions', 'known_from'), ('versions', 'known_until'),
        ('items', 'counts_from'), ('items', 'counts_until'), ('works', 'counts_from'), ('works', 'counts_until')
    ] %}
    {{ 'union' if not loop.first }}
    select
        plan_id,
        {{ day }} as local_date
    from {{ relation }}
    {%- endfor %}
),

standing as (
    select
        versions.*,
        changes.local_date,
        max(case when versions.presented_on <= changes.local_date then versions.plan_version end)
            over (partition by changes.plan_id, changes.local_date) as version_in_force,
        row_number() over (partition by changes.plan_id, changes.local_date order by versions.plan_version)
            as version_order,
        row_number() over (partition by changes.plan_id, changes.local_date order by versions.plan_version desc)
            as reverse_order
    from changes
    inner join versions
        on
            changes.plan_id = versions.plan_id
            and changes.local_date >= versions.known_from
            and changes.local_date < versions.known_until
),

worked as (
    select
        changes.plan_id,
        changes.local_date,
        max(works.worked_on) as worked_on
    from changes
    inner join works
        on
            changes.plan_id = works.plan_id
            and changes.local_date >= works.counts_from
            and changes.local_date < works.counts_until
    group by changes.plan_id, changes.local_date
),

final as (
    select
        cast(firsts.plan_id as string) as plan_id,
        cast(firsts.source_id as string) as source_id,
        cast(firsts.currency as string) as currency,
        cast(firsts.clinic_id as string) as clinic_id,
        cast(firsts.employee_id as string) as employee_id,
        cast(firsts.patient_id as string) as patient_id,
        cast(firsts.version_in_force as bigint) as version_in_force,
        cast(firsts.presented_on as date) as presented_on,
        cast(worked.worked_on as date) as worked_on,
        cast(lasts.closed_on as date) as closed_on,
        cast(firsts.local_date as date) as local_date
    from standing as firsts
    inner join standing as lasts
        on firsts.plan_id = lasts.plan_id and firsts.local_date = lasts.local_date and lasts.reverse_order = 1
    left join worked on firsts.plan_id = worked.plan_id and firsts.local_date = worked.local_date
    where firsts.version_order = 1 and firsts.presented_on <= firsts.local_date
)

select * from final
