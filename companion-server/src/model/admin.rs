//! What administrators may do to accounts.

use protocol::Role;

use super::{Account, audit::Act};

/// What an administrator changes of an account; what is `None` stays. No `Debug`: it holds a hash.
#[derive(Clone, Default)]
pub struct AccountOrder {
    /// What the user is in the programme.
    pub role: Option<Role>,
    /// Whether the account is closed.
    pub disabled: Option<bool>,
    /// The hash of a new password in PHC form.
    pub password_hash: Option<String>,
}

/// The change would leave nobody who administers the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the last administrator can't be demoted or disabled")]
pub struct LastAdmin;

/// The acts that follow from an order; none where all is as asked for already. `others` says whether there is another
/// administrator who is not disabled.
///
/// # Errors
/// [`LastAdmin`].
pub fn decide(account: &Account, order: &AccountOrder, others: bool) -> Result<Vec<Act>, LastAdmin> {
    let role = order.role.filter(|role| *role != account.role);
    let disabled = order.disabled.filter(|disabled| *disabled != account.disabled);
    let administers = account.role == Role::Admin && !account.disabled;
    let stays = role.is_none() && disabled != Some(true);
    if administers && !stays && !others {
        return Err(LastAdmin);
    }
    let close = |disabled| if disabled { Act::UserDisabled } else { Act::UserEnabled };
    let password = order.password_hash.is_some().then_some(Act::PasswordReset);
    Ok([role.map(|_| Act::RoleChanged), disabled.map(close), password].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use protocol::{ObjectId, UserId};

    use super::*;
    use crate::model::Privacy;

    fn account(role: Role, disabled: bool) -> Account {
        Account {
            id: UserId(ObjectId::from_bytes([1; 12])),
            user_name: "ana".into(),
            first_name: "Ana".into(),
            last_name: String::new(),
            email: "ana@example.org".into(),
            role,
            avatar: None,
            disabled,
            privacy: Privacy::default(),
        }
    }

    fn order(role: Option<Role>, disabled: Option<bool>) -> AccountOrder {
        AccountOrder { role, disabled, password_hash: None }
    }

    #[test]
    fn the_last_administrator_stays_one() {
        let admin = account(Role::Admin, false);
        for change in [order(Some(Role::Student), None), order(None, Some(true))] {
            assert_eq!(decide(&admin, &change, false), Err(LastAdmin));
            assert_eq!(decide(&admin, &change, true).unwrap().len(), 1);
        }
        assert_eq!(decide(&admin, &order(Some(Role::Admin), Some(false)), false), Ok(vec![]));
        assert_eq!(
            decide(&account(Role::Admin, true), &order(Some(Role::Student), None), false),
            Ok(vec![Act::RoleChanged]),
            "a disabled administrator does not count"
        );
    }

    #[test]
    fn each_change_is_an_act_and_what_is_so_already_is_none() {
        let all = AccountOrder {
            role: Some(Role::Coordinator),
            disabled: Some(true),
            password_hash: Some(String::new()),
        };
        assert_eq!(
            decide(&account(Role::Student, false), &all, false),
            Ok(vec![Act::RoleChanged, Act::UserDisabled, Act::PasswordReset])
        );
        let enable = order(Some(Role::Student), Some(false));
        assert_eq!(decide(&account(Role::Student, true), &enable, false), Ok(vec![Act::UserEnabled]));
    }
}
