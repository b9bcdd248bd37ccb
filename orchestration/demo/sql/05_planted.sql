-- What is planted for the marts to find; truth.json names it (95_truth.sql).

-- A channel that lures people who then do not come: many first bookings that end as no-shows are said to come from it.
CREATE MACRO luring_channel() AS 'Агрегатор';
CREATE MACRO is_lured(outcome, lead_no) AS (outcome) = 'no_show' AND rnd(lead_no, 'lured') < 0.6;

-- A therapist of K1 who seldom shows a plan.
CREATE MACRO quiet_doctor_no() AS 10003;

-- A device that hardly anybody is booked on on Fridays.
CREATE MACRO idle_specialty() AS 'МРТ';
CREATE MACRO idle_weekday() AS 5;

-- A season in which a discount fills the rooms.
CREATE MACRO sensitive_specialty() AS 'Физиотерапия';
CREATE MACRO sensitive_month() AS 2;
CREATE MACRO sensitive_discount_percent() AS 15;
CREATE MACRO is_sensitive_season(specialty, moment) AS
    (specialty) = sensitive_specialty() AND month(moment) = sensitive_month();
