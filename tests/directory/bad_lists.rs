//! A list that is not right changes nothing, and says where.

use crate::support::trust::Trust;

const HEADER: &str = "code,unit,parent,level,headcount,manager_email,partner";

fn list(row: &str) -> Vec<u8> {
    format!("{HEADER}\nd,Directorate,,directorate,10,,no\n{row}\n").into_bytes()
}

fn bad_lists() -> Vec<(Vec<u8>, &'static str)> {
    let mut latin = list("t,Caf");
    latin.pop();
    latin.extend(b"\xe9,d,team,1,,no\n");
    let units = |count| -> String {
        let unit = |n| format!("d{n},Unit,,directorate,1,,no\n");
        (0..count).map(unit).collect()
    };
    let (many, too_many) = (units(1_801), units(10_001));
    let long = format!("{HEADER}\n{}", "#".repeat(4 << 20));
    vec![
        (list("d,Twice,,directorate,1,,no"), "row 3, column code"),
        (list("t,Team,zz,team,1,,no"), "row 3, column parent"),
        (list("t,Team,t,team,1,,no"), "row 3, column parent"),
        (list("t,Team,d,directorate,1,,no"), "row 3, column parent"),
        (list("t,Team,d,ward,1,,no"), "row 3, column level"),
        (list("t,Team,d,team,ten,,no"), "row 3, column headcount"),
        (list("t,=cmd(),d,team,1,,no"), "row 3, column unit"),
        (list("t,@SUM,d,team,1,,no"), "row 3, column unit"),
        (list("t,\"Te\nam\",d,team,1,,no"), "row 3, column unit"),
        (list("t,Te\u{7}am,d,team,1,,no"), "row 3, column unit"),
        (list("t,Te\u{202e}am,d,team,1,,no"), "row 3, column unit"),
        (
            list("t,Team,d,team,1,nobody,no"),
            "row 3, column manager_email",
        ),
        (list("t,Team,d,team,1,,perhaps"), "row 3, column partner"),
        (list("t,Team,d"), "row 3: this row has more or fewer cells"),
        (list("t,Team,d,team,1,,no,more"), "row 3: this row has"),
        (latin, "row 3: this is not UTF-8"),
        (
            format!("{HEADER},colour\n").into(),
            "row 1: column 8 is not known",
        ),
        (
            HEADER.replace(",level", "").into(),
            "row 1, column level: this column is missing",
        ),
        (
            HEADER.replace("unit", "code").into(),
            "row 1, column code: this column stands twice",
        ),
        (format!("{HEADER}\n").into(), "the list has no rows"),
        (Vec::new(), "row 1, column code: this column is missing"),
        (
            format!("{HEADER}\n{too_many}").into(),
            "at most 10,000 rows",
        ),
        (format!("{HEADER}\n{many}").into(), "at most 1800"),
        (long.into(), "longer than 4 MiB"),
    ]
}

#[test]
fn every_bad_list_is_refused_by_row_and_column_and_changes_nothing() {
    let trust = Trust::new();
    let good = trust.file("good.csv", list("t,Team,d,team,1,a@b.test,no"));
    let _serving = trust.serve();
    for (content, expected) in bad_lists() {
        let file = trust.file("bad.csv", content);
        let said = trust.refuses(&["directory", "apply", &file, "--yes"]);
        assert!(said.contains(expected), "expected {expected} in:\n{said}");
        assert!(
            !said.contains("nobody") && !said.contains("perhaps"),
            "{said}"
        );
    }
    let said = trust.does(&["directory", "apply", &good, "--yes"]);
    assert!(said.contains("open Directorate") && said.contains("open Team"));
}

#[test]
fn a_list_from_a_spreadsheet_with_its_mark_and_another_order_is_taken() {
    let trust = Trust::new();
    let list = "\u{feff}unit,code,level,parent,partner,manager_email,headcount\r\n\
                Directorate,d,directorate,,,,10\r\n";
    let file = trust.file("list.csv", list);
    assert!(
        trust
            .does(&["directory", "apply", &file, "--yes"])
            .contains("Recorded.")
    );
}

#[test]
fn closing_many_units_needs_to_be_meant() {
    let trust = Trust::new();
    let whole = trust.file("whole.csv", list("t,Team,d,team,1,,no"));
    let half = trust.file("half.csv", list(""));
    trust.does(&["directory", "apply", &whole, "--yes"]);
    let said = trust.refuses(&["directory", "apply", &half, "--yes"]);
    assert!(said.contains("this would end 1 of 2"), "{said}");
    let meant = ["directory", "apply", &half, "--yes", "--yes-close-many"];
    assert!(trust.does(&meant).contains("close Team"));
}

#[test]
fn nothing_is_recorded_unless_the_answer_is_yes() {
    let trust = Trust::new();
    let file = trust.file("list.csv", list(""));
    for (answer, expected) in [
        ("", "Nothing was changed."),
        ("y\n", "Nothing was changed."),
        ("yes\n", "Recorded."),
        ("yes\n", "Nothing to change."),
    ] {
        let output = trust.pipss(&["directory", "apply", &file], answer);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(expected), "{said}");
    }
}
