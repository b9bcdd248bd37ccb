-- The files as the MIS writes them: one view per entity, Russian headers, everything as text (typed where the file is a
-- workbook). Every view starts with seen_on (day of the file), sort_at and sort_no; they are not written. Snapshots
-- have known_on instead of seen_on.

CREATE MACRO as_date(d) AS strftime(d, '%d.%m.%Y');
CREATE MACRO as_minute(t) AS strftime(t, '%d.%m.%Y %H:%M');
CREATE MACRO as_second(t) AS strftime(t, '%d.%m.%Y %H:%M:%S');
CREATE MACRO as_clock(minute_of_day) AS lpad(((minute_of_day) // 60)::VARCHAR, 2, '0')
|| ':'
|| lpad(((minute_of_day) % 60)::VARCHAR, 2, '0');
CREATE MACRO as_decimal(hundredths) AS
    if((hundredths) < 0, '-', '')
    || (abs(hundredths) // 100)::VARCHAR
    || ','
    || lpad((abs(hundredths) % 100)::VARCHAR, 2, '0');
-- Unknown stays empty.
CREATE MACRO as_tick(b) AS CASE WHEN b THEN 'Да' WHEN NOT b THEN 'Нет' END;
CREATE MACRO quoted(text) AS '"' || replace(text, '"', '""') || '"';

CREATE MACRO patient_name(no, is_female) AS
    [
        'Иванов',
        'Смирнов',
        'Кузнецов',
        'Попов',
        'Соколов',
        'Лебедев',
        'Новиков',
        'Морозов',
        'Волков',
        'Егоров',
        'Зайцев',
        'Павлов'
    ]
        [1 + pick(no, 'surname', 12)] || if(is_female, 'а ', ' ')
    || if(is_female, ['Анна', 'Мария', 'Елена', 'Ольга', 'Ирина', 'Татьяна', 'Дарья', 'Юлия'][1 + pick(no, 'name', 8)],
        ['Иван', 'Алексей', 'Дмитрий', 'Сергей', 'Андрей', 'Павел', 'Михаил', 'Николай'][1 + pick(no, 'name', 8)])
    || ' '
    || ['Петров', 'Сергеев', 'Андреев', 'Николаев', 'Павлов', 'Михайлов'][1 + pick(no, 'father', 6)]
    || if(is_female, 'на', 'ич');

CREATE VIEW file_clinics AS
SELECT first_day() AS known_on, NULL AS sort_at, clinic_no AS sort_no,
    clinic_id AS "Код филиала",
    quoted(if(is_sanatorium, 'Санаторий "Триада"', 'Клиника "Триада" № ' || clinic_no)) AS "Филиал",
    city AS "Город",
    time_zone AS "Часовой пояс", 'RUB' AS "Валюта", as_date(opened_on) AS "Открыт"
FROM clinics;

CREATE VIEW file_resources AS
SELECT first_day() AS known_on, NULL AS sort_at, resource_no AS sort_no,
    'R' || resource_no AS "Код ресурса", 'K' || clinic_no AS "Филиал", resource_name AS "Наименование",
    CASE resource_kind
        WHEN 'room' THEN 'Кабинет' WHEN 'chair' THEN 'Кресло' WHEN 'device' THEN 'Аппарат' ELSE 'Койка'
    END AS "Вид",
    specialty AS "Специальность",
    as_tick(is_capacity) AS "Учитывать в загрузке",
    as_date(valid_from) AS "Введён",
    as_date(valid_to) AS "Выведен",
    as_decimal(purchase_cost) AS "Стоимость покупки"
FROM resources;

CREATE VIEW file_resource_hours AS
SELECT known_on, NULL AS sort_at, resource_hours_no AS sort_no,
    'RH' || rule_no AS "Код правила",
    'R' || resource_no AS "Ресурс",
    if(rule_kind = 'open', 'Работает', 'Недоступен') AS "Правило",
    as_date(on_date) AS "Дата",
    weekday::VARCHAR AS "День недели",
    as_date(valid_from) AS "Действует с",
    as_date(valid_to) AS "Действует по",
    as_clock(opens) AS "Начало", as_clock(closes) AS "Окончание"
FROM resource_hours;

CREATE VIEW file_employees AS
SELECT greatest(first_day(), hired_on) AS known_on, NULL AS sort_at, employee_no AS sort_no,
    'E' || employee_no AS "Табельный номер",
    'K' || clinic_no AS "Филиал",
    coalesce(canary(c.canary_no).full_name, patient_name(employee_no, rnd(employee_no, 'sex') < 0.7)) AS "ФИО",
    CASE staff_role
        WHEN 'doctor' THEN 'Врач' WHEN 'nurse' THEN 'Медсестра' WHEN 'assistant' THEN 'Ассистент' WHEN
            'operator'
            THEN 'Оператор'
        WHEN 'anaesthetist' THEN 'Анестезиолог' WHEN 'administrator' THEN 'Администратор' WHEN 'curator' THEN 'Куратор'
        WHEN 'manager' THEN 'Управляющий' ELSE 'Оператор колл-центра' END AS "Должность",
    specialty AS "Специальность",
    as_decimal(fte_percent) AS "Ставка",
    as_decimal(salary) AS "Оклад",
    as_date(hired_on) AS "Принят"
FROM employees
LEFT JOIN canary_employees AS c USING (employee_no);

CREATE VIEW file_services AS
SELECT first_day() AS known_on, NULL AS sort_at, service_no AS sort_no,
    service_no::VARCHAR AS "Код услуги", quoted(service_name) AS "Услуга", service_category AS "Категория",
    CASE stage
        WHEN 'consultation' THEN 'Консультация' WHEN 'diagnostics' THEN 'Диагностика' WHEN 'treatment' THEN 'Лечение'
        WHEN 'rehabilitation' THEN 'Реабилитация' WHEN 'retail' THEN 'Товар' ELSE 'Прочее' END AS "Этап",
    norm_minutes::VARCHAR AS "Норма, мин", as_decimal(norm_cost) AS "Норма затрат"
FROM services;

CREATE VIEW file_prices AS
SELECT r.known_on, NULL AS sort_at, s.service_no * 100000 + c.clinic_no * 10 + r.n AS sort_no,
    s.service_no::VARCHAR AS "Код услуги", 'K' || c.clinic_no AS "Филиал",
    CASE f.fee_level WHEN 'base' THEN 'Базовый' WHEN 'expert' THEN 'Эксперт' ELSE 'ДМС' END AS "Уровень цен",
    as_date(r.valid_from) AS "Действует с",
    as_decimal(price_of(s.base_price, c.clinic_no, f.level_percent, r.revision)) AS "Цена"
FROM services AS s CROSS JOIN clinics AS c CROSS JOIN fee_levels AS f
CROSS JOIN
    (VALUES (1, first_day() - 365, 100, first_day()), (2, first_day() + 90, 106, first_day() + 75)) AS r (n, valid_from, revision, known_on);

CREATE VIEW file_patients AS
SELECT seen_on, updated_at AS sort_at, patient_no AS sort_no,
    'P' || patient_no AS "Номер карты",
    coalesce(canary(c.canary_no).full_name, patient_name(patient_no, is_female)) AS "ФИО",
    coalesce(
        canary(c.canary_no).phone,
        '+7 9' || lpad(pick(patient_no + edition, 'phone', 1000000000)::VARCHAR, 9, '0')
    ) AS "Телефон",
    coalesce(
        canary(c.canary_no).email,
        if(rnd(patient_no, 'has mail') < 0.6, 'p' || patient_no || '@example.org', NULL)
    ) AS "Эл. почта",
    quoted(
        coalesce(canary(c.canary_no).address || ', ', '')
        || 'ул. '
        || ['Лесная', 'Садовая', 'Заречная', 'Мира'][1 + pick(patient_no, 'street', 4)]
        || '; д. '
        || 1
        + pick(patient_no, 'house', 90)
    ) AS "Адрес",
    -- A second card of the same person bears the same number.
    coalesce(
        canary(c.canary_no).snils,
        lpad(pick(coalesce(merged_into, patient_no), 'snils', 1000000000)::VARCHAR, 9, '0') || '00'
    ) AS "СНИЛС",
    as_date(birth_date) AS "Дата рождения",
    if(is_female, 'Ж', 'М') AS "Пол",
    'K' || (patient_no // 10000000) AS "Филиал",
    channel AS "Канал", as_date(registered_on) AS "Карта открыта", 'P' || merged_into AS "Объединена с"
FROM patient_versions
LEFT JOIN canary_cards AS c USING (patient_no);

CREATE VIEW file_appointments AS
SELECT v.seen_on, v.updated_at AS sort_at, v.visit_no AS sort_no,
    'A' || v.visit_no AS "Номер записи",
    'K' || v.clinic_no AS "Филиал",
    if(c.canary_no IS NULL, 'P' || v.patient_no, ' P' || v.patient_no || '  ') AS "Номер карты",
    'E' || v.employee_no AS "Врач",
    'R' || v.resource_no AS "Кабинет", 'S' || v.slot_no AS "Слот", 'O' || l.lead_no AS "Обращение",
    'PI' || v.intended_item_no AS "Пункт плана",
    CASE v.visit_kind
        WHEN 'consultation' THEN 'Консультация' WHEN 'diagnostics' THEN 'Диагностика' WHEN 'treatment' THEN 'Лечение'
        WHEN 'check_up' THEN 'Профосмотр' END AS "Вид приёма",
    as_minute(v.booked_at) AS "Создано",
    as_minute(v.starts_at) AS "Начало план",
    as_minute(v.ends_at) AS "Окончание план",
    as_minute(v.arrived_at) AS "Пришёл",
    as_minute(v.started_at) AS "Начало факт",
    as_minute(v.ended_at) AS "Окончание факт",
    CASE v.status
        WHEN 'scheduled' THEN 'Запланирован' WHEN 'attended' THEN 'Завершён' WHEN 'no_show' THEN 'Неявка' WHEN
            'cancelled'
            THEN 'Отменён'
        WHEN 'rescheduled' THEN 'Перенесён' ELSE 'Не указан' END AS "Статус",
    CASE v.cancelled_by WHEN 'patient' THEN 'Пациент' WHEN 'clinic' THEN 'Клиника' END AS "Кто отменил",
    'A' || v.moved_to AS "Перенесён на",
    as_tick(v.is_complaint) AS "Рекламация",
    as_tick(v.is_record_signed) AS "Протокол подписан",
    CASE
        WHEN c.canary_no IS NOT NULL THEN quoted(canary_remark(c.canary_no))
        WHEN rnd(v.visit_no, 'remark') < 0.05 THEN quoted('Просил позвонить; "до обеда"')
    END AS "Комментарий",
    as_second(v.updated_at) AS "Изменено"
FROM appointment_versions AS v
LEFT JOIN visit_leads AS l USING (visit_no)
LEFT JOIN canary_cards AS c USING (patient_no);

CREATE VIEW file_service_lines AS
SELECT seen_on, updated_at AS sort_at, line_no AS sort_no,
    'L' || line_no AS "Номер строки",
    if(original_no IS NULL, 'Продажа', 'Возврат') AS "Тип строки",
    'L' || original_no AS "Исходная строка",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    'A' || visit_no AS "Запись",
    'PI' || item_no AS "Пункт плана",
    service_no::VARCHAR AS "Код услуги",
    'E' || employee_no AS "Исполнитель",
    'E' || ordered_by_no AS "Назначил",
    'R' || resource_no AS "Ресурс",
    as_minute(performed_at) AS "Оказано",
    abs(quantity)::VARCHAR AS "Количество",
    as_decimal(abs(list)) AS "Сумма по прайсу",
    as_decimal(abs(discount)) AS "Скидка", as_decimal(abs(net)) AS "К оплате", as_decimal(cost) AS "Прямые затраты",
    CASE fee_level WHEN 'base' THEN 'Базовый' WHEN 'expert' THEN 'Эксперт' ELSE 'ДМС' END AS "Уровень цен",
    payer AS "Плательщик",
    'I' || invoice_no AS "Счёт",
    if(status = 'performed', 'Оказана', 'Аннулирована') AS "Статус",
    as_second(updated_at) AS "Изменено"
FROM service_line_versions;

CREATE VIEW file_line_performers AS
SELECT seen_on, updated_at AS sort_at, line_no AS sort_no,
    'L' || line_no AS "Номер строки", 'E' || employee_no AS "Сотрудник",
    CASE performer_role
        WHEN 'doctor' THEN 'Врач' WHEN 'assistant' THEN 'Ассистент' WHEN 'nurse' THEN 'Медсестра' WHEN
            'operator'
            THEN 'Оператор'
        ELSE 'Анестезиолог' END AS "Роль",
    as_decimal(hours_hundredths) AS "Часы участия", points::VARCHAR AS "Баллы", as_second(updated_at) AS "Изменено"
FROM line_performer_versions;

CREATE VIEW file_invoices AS
SELECT seen_on, updated_at AS sort_at, invoice_no AS sort_no,
    'I' || invoice_no AS "Номер счёта",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    payer AS "Плательщик",
    as_minute(issued_at) AS "Выставлен", as_decimal(amount) AS "Сумма",
    CASE status WHEN 'open' THEN 'Открыт' WHEN 'paid' THEN 'Оплачен' ELSE 'Списан' END AS "Статус",
    as_second(updated_at) AS "Изменено"
FROM invoice_versions;

CREATE VIEW file_payments AS
SELECT seen_on, updated_at AS sort_at, payment_no AS sort_no,
    'M' || payment_no AS "Номер платежа",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    -- A relative paid: a name where the contract expects an insurer.
    if(pick(payment_no, 'relative', 500) = 0, canary(1 + pick(payment_no, 'who', 3)).full_name, payer) AS "Плательщик",
    as_minute(paid_at) AS "Дата платежа",
    CASE payment_kind
        WHEN 'payment' THEN 'Оплата' WHEN 'refund' THEN 'Возврат' WHEN 'deposit' THEN 'Аванс' ELSE 'Чарджбэк'
    END AS "Вид",
    CASE method WHEN 'card' THEN 'Карта' WHEN 'cash' THEN 'Наличные' WHEN 'sbp' THEN 'СБП' ELSE 'Перевод' END
        AS "Способ",
    as_decimal(abs(amount)) AS "Сумма",
    CASE status WHEN 'done' THEN 'Проведён' WHEN 'pending' THEN 'В обработке' WHEN 'failed' THEN 'Отклонён' END
        AS "Статус",
    as_second(updated_at) AS "Изменено"
FROM payment_versions;

CREATE VIEW file_payment_allocations AS
SELECT seen_on, updated_at AS sort_at, payment_no AS sort_no,
    'M' || payment_no AS "Номер платежа", 'I' || invoice_no AS "Номер счёта", as_minute(allocated_at) AS "Зачтено",
    as_decimal(amount) AS "Сумма зачёта", as_second(updated_at) AS "Изменено"
FROM allocation_versions;

CREATE VIEW file_treatment_plans AS
SELECT seen_on, updated_at AS sort_at, plan_no * 10 + version AS sort_no,
    'TP' || plan_no AS "Номер плана",
    version::VARCHAR AS "Версия",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    'E' || employee_no AS "Врач",
    'A' || visit_no AS "Запись",
    programme AS "Программа",
    as_minute(presented_at) AS "Представлен",
    as_minute(signed_at) AS "Подписан", as_minute(closed_at) AS "Закрыт",
    CASE status
        WHEN 'draft' THEN 'Черновик' WHEN 'presented' THEN 'Представлен' WHEN 'accepted' THEN 'Согласован' WHEN
            'completed'
            THEN 'Завершён'
        ELSE 'Прерван' END AS "Статус", as_second(updated_at) AS "Изменено"
FROM plan_versions;

CREATE VIEW file_plan_items AS
SELECT seen_on, updated_at AS sort_at, item_no AS sort_no,
    'PI' || item_no AS "Пункт",
    'TP' || plan_no AS "Номер плана",
    version::VARCHAR AS "Версия",
    position::VARCHAR AS "Порядок",
    service_no::VARCHAR AS "Код услуги",
    quantity::VARCHAR AS "Количество",
    as_decimal(price) AS "Цена",
    as_decimal(amount) AS "Сумма",
    as_decimal(planned_cost) AS "Плановые затраты",
    as_tick(is_required) AS "Обязательный",
    if(is_alternative, 'А', NULL) AS "Группа вариантов",
    as_minute(accepted_at) AS "Согласован", as_minute(declined_at) AS "Отклонён", as_second(updated_at) AS "Изменено"
FROM plan_item_versions;

CREATE VIEW file_leads AS
SELECT seen_on, updated_at AS sort_at, lead_no AS sort_no,
    'O' || lead_no AS "Номер обращения",
    'K' || clinic_no AS "Филиал",
    as_minute(created_at) AS "Поступило",
    channel AS "Канал",
    'P' || patient_no AS "Номер карты", 'A' || visit_no AS "Первая запись",
    quoted(canary_remark(if(pick(lead_no, 'note', 20) = 0, 1 + pick(lead_no, 'noted', 3), NULL))) AS "Примечание",
    as_second(updated_at) AS "Изменено"
FROM lead_versions;

CREATE VIEW file_referrals AS
SELECT seen_on, updated_at AS sort_at, referral_no AS sort_no,
    'N' || referral_no AS "Номер направления",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    'E' || from_no AS "Направил",
    'E' || to_no AS "К врачу",
    to_specialty AS "Специальность",
    'A' || from_visit_no AS "Запись",
    'A' || to_visit_no AS "Запись по направлению",
    as_minute(referred_at) AS "Выдано",
    CASE outcome
        WHEN 'pending' THEN 'Ожидает' WHEN 'performed' THEN 'Выполнено' WHEN 'not_indicated' THEN 'Не показано' ELSE
            'Не дошёл'
    END AS "Итог",
    as_second(updated_at) AS "Изменено"
FROM referral_versions;

CREATE VIEW file_shifts AS
SELECT seen_on, updated_at AS sort_at, shift_no AS sort_no,
    'SH' || shift_no AS "Номер смены",
    'K' || clinic_no AS "Филиал",
    'E' || employee_no AS "Сотрудник",
    'R' || resource_no AS "Кабинет",
    as_minute(starts_at) AS "Начало",
    as_minute(ends_at) AS "Окончание",
    as_tick(clinical_tick) AS "Приём",
    as_tick(is_withdrawn) AS "Отменена",
    as_second(updated_at) AS "Изменено"
FROM shift_versions;

CREATE VIEW file_slots AS
SELECT seen_on, updated_at AS sort_at, opening_no AS sort_no,
    'S' || opening_no AS "Номер слота",
    'K' || clinic_no AS "Филиал",
    'R' || resource_no AS "Кабинет",
    'E' || employee_no AS "Врач",
    as_minute(starts_at) AS "Начало",
    minutes::VARCHAR AS "Минут",
    as_tick(is_booked) AS "Занят",
    as_second(updated_at) AS "Изменено"
FROM slot_versions;

CREATE VIEW file_timesheets AS
SELECT seen_on, updated_at AS sort_at, employee_no AS sort_no,
    'E' || employee_no AS "Табельный номер",
    'K' || clinic_no AS "Филиал",
    as_date(work_date) AS "Дата",
    as_decimal(hours_hundredths) AS "Часы",
    as_second(updated_at) AS "Изменено"
FROM timesheet_versions;

CREATE VIEW file_stays AS
SELECT seen_on, updated_at AS sort_at, stay_no AS sort_no,
    'ST' || stay_no AS "Номер заезда",
    'K' || clinic_no AS "Филиал",
    'P' || patient_no AS "Номер карты",
    'R' || resource_no AS "Место",
    as_date(arrived_on) AS "Заезд", as_date(departed_on) AS "Выезд", package AS "Путёвка",
    CASE status
        WHEN 'booked' THEN 'Бронь' WHEN 'in_house' THEN 'Проживает' WHEN 'departed' THEN 'Выехал' ELSE 'Отменён'
    END AS "Статус",
    as_second(updated_at) AS "Изменено"
FROM stay_versions;

CREATE VIEW file_stay_charges AS
SELECT seen_on, updated_at AS sort_at, stay_no AS sort_no,
    'ST' || stay_no AS "Номер заезда", as_date(night_date) AS "Ночь",
    CASE department
        WHEN 'rooms' THEN 'Проживание' WHEN 'food' THEN 'Питание' WHEN 'medical' THEN 'Лечение' ELSE 'Прочее'
    END AS "Отделение",
    as_decimal(amount) AS "Сумма", as_second(updated_at) AS "Изменено"
FROM stay_charge_versions;

CREATE VIEW file_marketing_spend AS
SELECT seen_on, spend_date AS sort_at, clinic_no AS sort_no,
    'K' || clinic_no AS "Филиал",
    spend_date AS "Дата",
    channel AS "Канал",
    amount / 100 AS "Расход",
    updated_at AS "Изменено"
FROM marketing_spend_versions;

CREATE VIEW file_expenses AS
SELECT seen_on, expense_date AS sort_at, expense_no AS sort_no,
    'X' || expense_no AS "Номер", 'K' || clinic_no AS "Филиал", expense_date AS "Дата",
    CASE expense_kind
        WHEN 'payroll' THEN 'Зарплата' WHEN 'rent' THEN 'Аренда' WHEN 'marketing' THEN 'Реклама' WHEN
            'administration'
            THEN 'Администрация'
        WHEN 'materials' THEN 'Материалы' WHEN 'depreciation' THEN 'Амортизация' WHEN 'interest' THEN 'Проценты' WHEN
            'tax'
            THEN 'Налоги'
        ELSE 'Прочее' END AS "Статья",
    amount / 100 AS "Сумма", updated_at AS "Изменено"
FROM expense_versions;

CREATE VIEW file_employee_scores AS
SELECT seen_on, month AS sort_at, employee_no AS sort_no,
    'E' || employee_no AS "Табельный номер", month AS "Месяц",
    CASE score_code
        WHEN 'ktu' THEN 'КТУ' WHEN 'nps' THEN 'NPS' WHEN 'documentation' THEN 'Документация' ELSE 'Качество'
    END AS "Показатель",
    score_hundredths / 100 AS "Значение", updated_at AS "Изменено"
FROM employee_score_versions;

CREATE VIEW file_balances AS
SELECT seen_on, balance_date AS sort_at, clinic_no AS sort_no,
    'K' || clinic_no AS "Филиал", balance_date AS "Дата",
    CASE balance_code
        WHEN 'assets' THEN 'Активы' WHEN 'cash' THEN 'Деньги' WHEN 'debt' THEN 'Долг' ELSE 'Мультипликатор'
    END AS "Статья",
    amount / 100 AS "Сумма", updated_at AS "Изменено"
FROM balance_versions;
