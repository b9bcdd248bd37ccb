with

needs as (
    select * from {{ ref('metric_needs') }}
),

-- `=other` needs what another column of the same mart needs; one level only.
final as (
    select
        cast(mart as string) as mart,
        cast(metric as string) as metric,
        cast(needs as string) as needs
    from needs
    where needs not like '=%'
    union
    select
        cast(derived.mart as string) as mart,
        cast(derived.metric as string) as metric,
        cast(parents.needs as string) as needs
    from needs as derived
    inner join needs as parents
        on derived.mart = parents.mart and derived.needs = '=' || parents.metric
)

select * from final
