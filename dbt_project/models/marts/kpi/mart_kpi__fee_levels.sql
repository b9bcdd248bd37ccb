{{ kpi_mix('mart_kpi__fee_levels', 'fee_level', "'(none)'") }}
