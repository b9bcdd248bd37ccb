{{ config(tags=['identity'], meta={'guard': true, 'dagster': {'ref': {'name': 'mart_utilisation__clinic_day'}}}) }}
{#
  Statuses partition the appointments; every paid visit is of a primary or a secondary patient; every movement has a kind. What a source has no
  word for has not happened there.
#}

select 'appointments' as what, clinic_id, local_date
from {{ ref('mart_utilisation__clinic_day') }}
where
    appointments
    <> coalesce(appointments_scheduled, 0) + coalesce(appointments_attended, 0) + coalesce(appointments_no_show, 0)
    + coalesce(appointments_cancelled, 0) + coalesce(appointments_rescheduled, 0) + coalesce(appointments_unknown, 0)

union all

select 'paid visits' as what, clinic_id, local_date
from {{ ref('mart_commerce__clinic_day') }}
where paid_visits <> primary_patients + secondary_patients

union all

select 'movements' as what, clinic_id, local_date
from {{ ref('mart_finance__clinic_day') }}
where
    movements
    <> coalesce(payments, 0) + coalesce(refunds, 0) + coalesce(deposits, 0) + coalesce(chargebacks, 0)
