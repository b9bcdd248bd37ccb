-- Personal data that cannot be mistaken for anything else, planted where a real MIS leaks them. The scanner of
-- orchestration/privacy looks for them behind the landing; nobody of that name lives.

CREATE TABLE canaries AS
SELECT *, 'Канареевск, Клеточный пер., д. ' || canary_no AS address
FROM (VALUES
    (1, 'Канарейкина Пелагея Епифановна', '+7 900 555-01-01', 'pelageya@canary.example', '900-555-010 11', '45 08 955101', '7755 0000 5550 0101'),
    (2, 'Канарейкин Пантелей Епифанович', '8 (900) 555-01-02', 'panteley@canary.example', '90055501022', '4508 955102', '7755000055500102'),
    (3, 'Канарейкин-Щегол Лука Фомич', '+79005550103', 'luka@canary.example', '900-555-010 33', '45 08 № 955103', '7755 0000 5550 0103')
) AS people (canary_no, full_name, phone, email, snils, passport, policy);

SET VARIABLE canaries = (SELECT list(canaries ORDER BY canary_no) FROM canaries);
CREATE MACRO canary(number) AS getvariable('canaries')[number];

-- What a receptionist types into a field for remarks.
CREATE MACRO canary_remark(number) AS
    canary(number).full_name
    || ', '
    || canary(number).phone
    || ', '
    || canary(number).email
    || ', паспорт '
    || canary(number).passport
    || ', полис '
    || canary(number).policy
    || ', '
    || canary(number).address;

CREATE TABLE canary_cards AS
SELECT patient_no, row_number() OVER (ORDER BY rnd(patient_no, 'canary'), patient_no) AS canary_no
FROM (SELECT DISTINCT patient_no FROM patient_versions WHERE merged_into IS NULL)
QUALIFY canary_no <= 3;

CREATE TABLE canary_employees AS
SELECT employee_no, row_number() OVER (ORDER BY rnd(employee_no, 'canary'), employee_no) AS canary_no
FROM employees
QUALIFY canary_no <= 3;

CREATE VIEW canary_needles AS
SELECT 'name' AS kind, 'Канарейкин*' AS needle
UNION ALL
SELECT 'address', 'Канареевск'
UNION ALL
SELECT unnest(['phone', 'e-mail', 'SNILS', 'passport', 'policy']), unnest([phone, email, snils, passport, policy])
FROM canaries
UNION ALL
SELECT 'patient id', unnest(['P' || patient_no, 'P 77 ' || canary_no]) FROM canary_cards;
