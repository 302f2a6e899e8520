//! Lists that are kept for as long as the program runs take no more room than they fill.

/// Adds to a list that seldom grows again. A list of large things would otherwise make room for four at
/// once, and most have one.
pub(crate) fn add<T>(list: &mut Vec<T>, one: T) {
    list.reserve_exact(1);
    list.push(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_no_room_to_spare() {
        let mut list = Vec::new();
        for n in 0..9u64 {
            add(&mut list, n);
            assert_eq!(list.capacity(), list.len());
        }
        assert_eq!(list, (0..9).collect::<Vec<_>>());
    }
}
