! What the Lorenz '96 models, compiled for real and for complex numbers (scalar.h), and their derivatives share:
! the parameters, the report, and what makes parameters unusable.
module lorenz96_types
  use, intrinsic :: iso_fortran_env, only: dp => real64, int32, int64
  use sw_status
  implicit none
  private
  public :: l96_parameters, l96_report, l96_parameter_status

  type :: l96_parameters
    integer  :: k = 40                      ! slow variables, >= 4
    integer  :: j = 0                       ! fast variables to each slow one; 0: one level, and h, c, b are not used
    real(dp) :: forcing = 8                 ! F
    real(dp) :: h = 1                       ! strength of the coupling
    real(dp) :: c = 10                      ! how much faster the fast variables are, > 0
    real(dp) :: b = 10                      ! how much smaller the fast variables are
    real(dp) :: dt = 0.05_dp                ! time step
  end type l96_parameters

  type :: l96_report
    integer :: completed_steps = 0          ! steps that the returned state is after the given one
    integer :: place = 0                    ! element of the state that failed, from 1; 0 without one
  end type l96_report

contains

  ! What is wrong with the parameters, sw_ok if nothing. Comparisons are written so that NaN fails them.
  pure function l96_parameter_status(p) result(status)
    type(l96_parameters), intent(in) :: p
    integer :: status

    status = sw_ok
    if (p%k < 4 .or. p%j < 0 .or. p%k*(p%j + 1_int64) > huge(1_int32) - 4) then
      status = l96_bad_size
    else if (.not. (p%dt > 0 .and. finite(p%dt))) then
      status = l96_bad_time_step
    else if (.not. finite(p%forcing)) then
      status = l96_bad_forcing
    else if (p%j > 0 .and. .not. (finite(p%h) .and. finite(p%b) .and. p%c > 0 .and. finite(p%c))) then
      status = l96_bad_coupling
    end if
  end function l96_parameter_status

  ! Neither NaN nor infinite.
  elemental logical function finite(x)
    real(dp), intent(in) :: x
    finite = abs(x) <= huge(x)
  end function finite

end module lorenz96_types
