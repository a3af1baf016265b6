//! The order of calls: who has to be worked out before whom, and the circle if there is one.

use crate::ids::Id;
#[cfg(test)]
use crate::ids::ServiceId;

/// Services that a walk over all calls has met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Not,
    OnTheWay,
    Done,
}

/// All services in an order in which each comes after all that it calls; a circle of calls if there is one, its first service
/// at both ends. `calls` lists whom each service calls. Records that lead to others, and the like, have such an order as well.
pub(crate) fn callees_first<I: Id>(calls: &[Vec<I>]) -> Result<Vec<I>, Vec<I>> {
    let mut met = vec![Met::Not; calls.len()];
    let mut order = Vec::new();
    for start in (0..calls.len()).map(I::at) {
        let mut way: Vec<(I, usize)> = Vec::new();
        if met[start.index()] == Met::Not {
            met[start.index()] = Met::OnTheWay;
            way.push((start, 0));
        }
        while let Some((service, next)) = way.last_mut() {
            let Some(&callee) = calls[service.index()].get(*next) else {
                met[service.index()] = Met::Done;
                order.push(*service);
                way.pop();
                continue;
            };
            *next += 1;
            match met[callee.index()] {
                Met::Done => {}
                Met::Not => {
                    met[callee.index()] = Met::OnTheWay;
                    way.push((callee, 0));
                }
                Met::OnTheWay => {
                    let from = way.iter().position(|(service, _)| *service == callee).unwrap_or(0);
                    let mut circle: Vec<I> = way[from..].iter().map(|(service, _)| *service).collect();
                    circle.push(callee);
                    return Err(circle);
                }
            }
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(calls: &[&[usize]]) -> Result<Vec<usize>, Vec<usize>> {
        let calls: Vec<Vec<ServiceId>> =
            calls.iter().map(|callees| callees.iter().map(|&callee| ServiceId::new(callee)).collect()).collect();
        let plain = |ids: Vec<ServiceId>| ids.into_iter().map(ServiceId::index).collect();
        callees_first(&calls).map(plain).map_err(plain)
    }

    #[test]
    fn callees_come_before_their_callers_and_a_circle_is_named() {
        // 0 calls 1 and 2, both call 3.
        assert_eq!(order(&[&[1, 2], &[3], &[3], &[]]), Ok(vec![3, 1, 2, 0]));
        assert_eq!(order(&[&[], &[]]), Ok(vec![0, 1]));
        assert_eq!(order(&[&[1], &[2], &[3], &[1]]), Err(vec![1, 2, 3, 1]));
        assert_eq!(order(&[&[0]]), Err(vec![0, 0]));
    }
}
