{{ kpi_mix('mart_kpi__payers', 'payer', "'(self-pay)'") }}
