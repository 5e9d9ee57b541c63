! The model's parameters by name, as files carry them: the names are those of the Swift package's files.
module run_parameters
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_parameters
  implicit none
  private
  public :: parameter_values

  integer, parameter, public :: parameter_count = 11
  ! In the order of the alphabet, and their keys in &model.
  character(len=20), parameter, public :: parameter_names(parameter_count) = [character(len=20) :: &
    'beta', 'coriolis', 'density', 'drag', 'gravity', 'implicitness', 'lateral_friction', 'linear', 'linear_drag', &
    'maximum_iterations', 'solver_tolerance']
  character(len=16), parameter, public :: parameter_keys(parameter_count) = [character(len=16) :: &
    'beta', 'coriolis', 'density', 'cd', 'gravity', 'wimp', 'ah', 'linear', 'linear_drag', 'max_iterations', 'tolerance']
  ! Those that a file carries only where they are not at their defaults.
  logical, parameter, public :: parameter_is_option(parameter_count) = &
    [.true., .true., .true., .false., .false., .false., .false., .true., .true., .true., .false.]

contains

  ! In SI units; 1 for true.
  pure function parameter_values(p) result(values)
    type(sw_parameters), intent(in) :: p
    real(dp) :: values(parameter_count)

    values = [p%beta, p%coriolis, p%density, p%cd, p%gravity, p%wimp, p%ah, merge(1.0_dp, 0.0_dp, p%linear), p%linear_drag, &
              real(p%max_iterations, dp), p%tolerance]
  end function parameter_values

end module run_parameters
